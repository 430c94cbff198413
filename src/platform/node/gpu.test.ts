import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mayHaveGpu } from './gpu.ts';

it.each([
  ['nothing', [], false],
  ['terminals and disks', ['null', 'tty0', 'vda', 'nvidia-caps'], false],
  ['a display without rendering', ['dri/card0'], false],
  ['a GPU', ['dri/card0', 'dri/renderD128'], true],
  ['NVIDIA in a container', ['nvidiactl', 'nvidia0'], true],
  ['the Linux of Windows', ['dxg'], true],
])('devices of %s', async (_, names, expected) => {
  const devices = await mkdtemp(join(tmpdir(), 'langfield-devices-'));
  await mkdir(join(devices, 'dri'));
  for (const name of names) await writeFile(join(devices, name), '');
  expect(await mayHaveGpu('linux', devices)).toBe(expected);
  await rm(devices, { recursive: true });
  expect(await mayHaveGpu('linux', devices)).toBe(false);
  expect(await mayHaveGpu('darwin', devices)).toBe(true);
});
