import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ringMatrix, writePhoto, writeTo } from '../../test/capture-writers.ts';
import type { CaptureSummary } from '../capture/describe-capture.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { addInfoCommand } from './info.ts';

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-info-'));
  const frames = ['a', 'b', 'c', 'd'].map((name, i) => ({
    file_path: `images/${name}.jpg`,
    transform_matrix: ringMatrix(i, 4),
    ...(i === 1 ? { fl_x: 60, k1: 0.1 } : {}),
  }));
  writeTo(folder, 'transforms.json', JSON.stringify({ fl_x: 50, w: 64, h: 48, frames }));
  for (const name of ['a', 'b', 'c']) await writePhoto(folder, `images/${name}.jpg`, 64, 48);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function info(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const program = new Command().exitOverride();
  addInfoCommand(program, {
    platform: nodePlatform(),
    progress: silentProgress,
    print: (line) => void lines.push(line),
  });
  await program.parseAsync(['info', folder, ...args], { from: 'user' });
  return lines;
}

it('prints photos, cameras, distortion, bounds and warnings', async () => {
  const text = (await info('--train-fraction', '0.5')).join('\n');
  expect(text).toContain('3: 2 to train on, 1 held out (images/b.jpg)');
  expect(text).toContain('2 distinct');
  expect(text).toContain('64×48 perspective, 2 photos: focal 50 × 50 px');
  expect(text).toContain('distortion: k1 0.1');
  expect(text).toContain('sees 65.2° × 51.3°');
  expect(text).toContain('warning   1 of 4 listed photos has no image file and is skipped: images/d.jpg');
});

it('--json prints one object as its last line', async () => {
  const lines = await info('--json', '--no-auto-scale', '--orientation', 'none', '--centre', 'none');
  const summary = JSON.parse(lines.at(-1)!) as CaptureSummary;
  expect(summary).toMatchObject({
    format: 'nerfstudio',
    photos: { total: 3, train: 3, test: 0 },
    worldToScene: { scale: 1 },
    warnings: [expect.stringContaining('images/d.jpg')],
  });
  expect(summary.cameras.map((camera) => camera.photos)).toEqual([2, 1]);
  expect(summary.cameraBounds.high).toEqual([3, 3, 0.7].map((v) => expect.closeTo(v, 10)));
});
