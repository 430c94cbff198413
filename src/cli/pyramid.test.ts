import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyEncoder } from '../../test/tiny-encoder.ts';
import { encodeNpy } from '../formats/npy.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { addPyramidCommand } from './pyramid.ts';

const platform = nodePlatform();
const folder = mkdtempSync(join(tmpdir(), 'langfield-pyramid-command-'));
const capture = join(folder, 'capture');
const maps = join(folder, 'maps');
const [width, height] = [90, 60];
afterAll(() => rmSync(folder, { recursive: true }));

async function langfield(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const context = { platform, progress: silentProgress, print: (line: string) => void lines.push(line) };
  const program = new Command('langfield').exitOverride();
  addPyramidCommand(program, context);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync(['pyramid', ...args], { from: 'user' });
  return lines;
}

const flags = () => ['--encoder', join(folder, 'encoder'), '--cache', join(folder, 'cache'), '--json'];
const run = async (...args: string[]) => {
  const lines = await langfield(capture, ...flags(), ...args);
  return { lines, json: JSON.parse(lines[lines.length - 1]) };
};

beforeAll(async () => {
  writeTinyEncoder(join(folder, 'encoder'));
  const frames = [];
  const ids = new Int32Array(width * height);
  for (let row = 15; row < 45; row++) ids.fill(4, row * width + 30, row * width + 60);
  for (let photo = 0; photo < 3; photo++) {
    const data = Uint8Array.from(
      { length: 3 * width * height },
      (_, i) => (ids[Math.floor(i / 3)] * 50 + photo * 20 + i) % 256,
    );
    const name = `images/${photo}.png`;
    await platform.files.writeAtomic(
      join(capture, name),
      await platform.images.encodePng({ width, height, channels: 3, data }),
    );
    await platform.files.writeAtomic(join(maps, `${photo}.npy`), encodeNpy(ids, [height, width]));
    const [c, s] = [Math.cos(photo / 4), Math.sin(photo / 4)];
    frames.push({
      file_path: name,
      transform_matrix: [
        [c, 0, s, s],
        [0, 1, 0, 0],
        [-s, 0, c, c],
        [0, 0, 0, 1],
      ],
    });
  }
  const transforms = { w: width, h: height, fl_x: 80, fl_y: 80, cx: 45, cy: 30, frames };
  writeFileSync(join(capture, 'transforms.json'), JSON.stringify(transforms));
});

describe('langfield pyramid', () => {
  it('prints tiles, regions and overridden cells per level, and finds everything again', async () => {
    const { lines, json } = await run('--segmenter', `files:${maps}`, '--all-photos', '--prior', 'panoptic,none');
    expect(json.photos).toBe(3);
    expect(json.levels.map((level: { side: number[] }) => level.side[0])).toEqual([3, 7, 11, 16, 21, 25, 30]);
    expect(json.encoded.regions).toBe(3);
    expect(json.encoded.tiles).toBeGreaterThan(json.tiles / 4);
    // The region is 30 of 60 rows, s = 0.5: levels 5 and 6.
    const overridden = json.levels.map((level: { overridden: { panoptic: number } }) => level.overridden.panoptic > 0);
    expect(overridden).toEqual([false, false, false, false, false, true, true]);
    expect(json.regions).toEqual({ found: 3, used: { panoptic: 3, none: 0 } });
    expect(lines.join('\n')).toMatch(/overridden: panoptic/);
    expect(lines.join('\n')).toMatch(/regions: 3 found, 3 used by panoptic/);
    const again = await run('--segmenter', `files:${maps}`, '--all-photos', '--prior', 'none,panoptic');
    expect(again.json.encoded).toEqual({ tiles: 0, regions: 0 });
  });

  it('uses the built-in segmenter unless told otherwise, on the photos that are trained on', async () => {
    const { json } = await run('--train-fraction', '0.4');
    expect(json.photos).toBeLessThan(3);
    expect(json.regions.found).toBeGreaterThan(0);
  });

  it('passes the alternatives of the override on', async () => {
    const cells = async (...args: string[]) => {
      const { json } = await run('--segmenter', `files:${maps}`, '--all-photos', '--prior', 'panoptic', ...args);
      return json.levels.map((level: { overridden: { panoptic: number } }) => level.overridden.panoptic);
    };
    const one = await cells('--cells', 'one-cell');
    expect(one).toEqual([0, 0, 0, 0, 0, 3, 3]);
    const partition = await cells('--window', 'partition');
    expect(partition.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(partition[6]).toBeGreaterThan(0);
    expect(await cells('--min-region-side', '31')).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('takes nested maps from several folders and compares priors over them', async () => {
    const parts = join(folder, 'parts');
    const ids = new Int32Array(width * height);
    // The upper left quarter of the region.
    for (let row = 15; row < 30; row++) ids.fill(4, row * width + 30, row * width + 45);
    for (let photo = 0; photo < 3; photo++)
      await platform.files.writeAtomic(join(parts, `${photo}.npy`), encodeNpy(ids, [height, width]));
    const list = 'panoptic,panoptic+pixels,panoptic+pixels+nested,panoptic+nested+confident+area,panoptic+context';
    const { json, lines } = await run('--segmenter', `files:${parts},${maps}`, '--all-photos', '--prior', list);
    expect(json.regions).toEqual({
      found: 6,
      used: {
        panoptic: 3,
        'panoptic+pixels': 3,
        'panoptic+pixels+nested': 6,
        'panoptic+nested+confident+area': 6,
        'panoptic+context': 3,
      },
    });
    const at = (level: number) => json.levels[level].overridden;
    // The part, 15 of 60 rows, takes levels 2 and 3; the whole, 30 rows, levels 5 and 6.
    expect([1, 2, 3, 4, 5, 6].map((level) => at(level)['panoptic+pixels'])).toEqual([0, 0, 0, 0, 2700, 2700]);
    expect([1, 2, 3, 4, 5, 6].map((level) => at(level)['panoptic+pixels+nested'])).toEqual([
      0, 675, 675, 0, 2700, 2700,
    ]);
    expect(lines.join('\n')).toMatch(/pixels: panoptic\+pixels\+nested/);
    await expect(run('--segmenter', `files:${parts},`)).rejects.toThrow(
      /^--segmenter: .*several folders separated by commas/,
    );
    await expect(run('--segmenter', `files:${parts},${maps}x`)).rejects.toThrow(/mapsx: there is no such folder/);
  });

  it('encodes fewer tiles when asked to, and says how many and how long that took', async () => {
    const fresh = ['--cache', join(folder, 'coarse-cache'), '--all-photos'];
    const { json, lines } = await run(...fresh, '--tiles', 'coarse', '--prior', 'none');
    expect(json.encodedTiles).toBeLessThan(json.tiles / 4);
    expect(json.encoded.tiles).toBeLessThanOrEqual(json.encodedTiles);
    expect(lines.join('\n')).toMatch(/encoding: \d+\.\d s, \d+\.\d\d s for each of 3 photos/);
    const full = await run(...fresh, '--prior', 'none');
    expect(full.json.encodedTiles).toBe(full.json.tiles);
    expect(full.json.encoded.tiles).toBeLessThanOrEqual(full.json.tiles - json.encodedTiles);
    const again = await run(...fresh, '--tiles', 'coarse', '--prior', 'none');
    expect([again.json.encoded.tiles, again.lines.join('\n')]).toEqual([0, expect.not.stringContaining('encoding:')]);
    await expect(run(...fresh, '--tiles', 'finer')).rejects.toThrow(
      /--tiles.*full, wider-strides, fewer-scales, coarse/,
    );
  });

  it('says in one line what is wrong', async () => {
    await expect(langfield(capture, '--cache', join(folder, 'cache'))).rejects.toThrow(
      /^--encoder: an encoder is needed/,
    );
    await expect(run('--prior', 'panoptik')).rejects.toThrow(/^--prior: unknown prior/);
    await expect(run('--prior', 'panoptic+sharp')).rejects.toThrow(
      /^--prior: .*There is no option "sharp" of a prior\.$/,
    );
    await expect(run('--min-region-side', 'x')).rejects.toThrow(/^--min-region-side: /);
    await expect(run('--segmenter', 'sam')).rejects.toThrow(/^--segmenter: /);
    const wrong = join(folder, 'wrong');
    for (let photo = 0; photo < 3; photo++)
      await platform.files.writeAtomic(join(wrong, `${photo}.npy`), encodeNpy(new Int32Array(100), [10, 10]));
    await expect(run('--segmenter', `files:${wrong}`)).rejects.toThrow(/0\.npy: .*found 10×10; expected 90×60/);
    const broken = join(folder, 'broken');
    cpSync(capture, broken, { recursive: true });
    truncateSync(join(broken, 'images/1.png'), 300);
    const before = await run('--all-photos');
    await expect(langfield(broken, ...flags(), '--all-photos')).rejects.toThrow(/images\/1\.png/);
    expect((await run('--all-photos')).json.encoded).toEqual({ tiles: 0, regions: 0 });
    expect(before.json.tiles).toBeGreaterThan(0);
  });
});
