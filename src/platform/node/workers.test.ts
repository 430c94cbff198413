import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from './index.ts';
import { spawnWorker } from './workers.ts';

let folder = '';
const script = (name: string, text: string) => {
  writeFileSync(join(folder, name), `import { parentPort } from 'node:worker_threads';\n${text}`);
  return pathToFileURL(join(folder, name));
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-workers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('spawnWorker', () => {
  it('delivers messages in order, before and after someone waits, and shares memory', async () => {
    const echo = spawnWorker(
      script(
        'echo.mjs',
        `parentPort.on('message', (m) => { if (m.shared) new Int32Array(m.shared)[0] = 7; parentPort.postMessage(m.id); });`,
      ),
    );
    const shared = new SharedArrayBuffer(4);
    echo.send({ id: 1, shared });
    expect(await echo.receive()).toBe(1);
    expect(new Int32Array(shared)[0]).toBe(7);
    for (const id of [2, 3, 4]) echo.send({ id });
    const waiting = [echo.receive(), echo.receive(), echo.receive()];
    expect(await Promise.all(waiting)).toEqual([2, 3, 4]);
    await echo.terminate();
    await expect(echo.receive()).rejects.toThrow(/terminated/);
    expect(() => echo.send({ id: 5 })).toThrow(/terminated/);
  });

  it('rejects everyone who waits when the worker throws or exits', async () => {
    const thrower = spawnWorker(script('throw.mjs', `throw new Error('kernel trap');`));
    await expect(thrower.receive()).rejects.toThrow('kernel trap');
    await expect(thrower.receive()).rejects.toThrow('kernel trap');
    const leaver = spawnWorker(script('leave.mjs', 'process.exit(3);'));
    await expect(leaver.receive()).rejects.toThrow(/exit code 3/);
  });

  it('delivers what a worker said before it died', async () => {
    const worker = spawnWorker(script('last.mjs', `parentPort.postMessage('last words');`));
    expect(await worker.receive()).toBe('last words');
    await expect(worker.receive()).rejects.toThrow(/exit code 0/);
  });
});

it('packagePath finds files of this package', async () => {
  const platform = nodePlatform();
  expect(JSON.parse(await platform.files.readText(platform.packagePath('package.json'))).name).toBe('langfield');
  expect(platform.cores).toBeGreaterThan(0);
});
