import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { detrDescription, detrGraph, writeFolder } from '../segmenters/tiny-segmenters.fixture.ts';
import { addRegionsCommand, spread } from './regions.ts';

const platform = nodePlatform();
const { files, images } = platform;
const folder = mkdtempSync(`${tmpdir()}/langfield-regions-`).replaceAll('\\', '/');
afterAll(() => rmSync(folder, { recursive: true }));

async function langfield(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const program = new Command('langfield').exitOverride();
  addRegionsCommand(program, { platform, progress: silentProgress, print: (line) => void lines.push(line) });
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync(['regions', `${folder}/capture`, '--cache', `${folder}/cache`, ...args], { from: 'user' });
  return lines;
}

/** Five photos of a red square before blue, with cameras in a row, and one map per photo in files. */
beforeAll(async () => {
  const frames = [];
  for (let index = 0; index < 5; index++) {
    const data = new Uint8Array(3 * 60 * 80);
    const map = new Uint8Array(60 * 80);
    for (let i = 0; i < map.length; i++) {
      const inside = Math.abs((i % 60) - 25 - index) < 12 && Math.abs(Math.floor(i / 60) - 40) < 15;
      data.set(inside ? [200, 30, 30] : [40, 60, 190], 3 * i);
      map[i] = inside ? 9 : 0;
    }
    const name = `photo-${index}`;
    await files.writeAtomic(
      `${folder}/capture/images/${name}.png`,
      await images.encodePng({ width: 60, height: 80, channels: 3, data }),
    );
    await files.writeAtomic(
      `${folder}/maps/${name}.png`,
      await images.encodePng({ width: 60, height: 80, channels: 1, data: map }),
    );
    const pose = [
      [1, 0, 0, 0.2 * index],
      [0, 1, 0, 0],
      [0, 0, 1, 1],
      [0, 0, 0, 1],
    ];
    frames.push({ file_path: `images/${name}.png`, transform_matrix: pose });
  }
  const transforms = { fl_x: 60, fl_y: 60, cx: 30, cy: 40, w: 60, h: 80, frames };
  await files.writeAtomic(`${folder}/capture/transforms.json`, JSON.stringify(transforms));
});

describe('langfield regions', () => {
  it('segments, draws a sheet and prints counts; the second time from the cache', async () => {
    const out = `${folder}/sheet.png`;
    const lines = await langfield('--out', out, '--json');
    const result = JSON.parse(lines[lines.length - 1]);
    expect(result.photos.map((photo: { regions: number }) => photo.regions)).toEqual([2, 2, 2, 2, 2]);
    expect(result.photos[0]).toEqual({ name: 'images/photo-0.png', regions: 2, labelled: 1 });
    expect(result).toMatchObject({ segmenter: 'builtin', sheet: out });
    expect(lines.filter((line) => line.includes('photo-3')).length).toBe(2);
    expect(lines).toContain(`sheet: ${out}`);
    const sheet = await images.decode(readFileSync(out), out);
    expect(sheet.width).toBeGreaterThan(1000);
    const cached = readdirSync(`${folder}/cache/regions`);
    expect(cached.length).toBe(5);
    const again = await langfield('--out', out, '--json');
    expect(JSON.parse(again[again.length - 1])).toEqual(result);
    expect(readdirSync(`${folder}/cache/regions`)).toEqual(cached);
  });

  it('takes maps from files and says how much is labelled', async () => {
    const out = `${folder}/from-files.png`;
    const lines = await langfield('--segmenter', `files:${folder}/maps`, '--photos', '2', '--out', out, '--json');
    const { photos } = JSON.parse(lines[lines.length - 1]);
    expect(photos.map(({ name, regions }: { name: string; regions: number }) => [name, regions])).toEqual([
      ['images/photo-0.png', 1],
      ['images/photo-2.png', 1],
    ]);
    expect(photos[0].labelled).toBeCloseTo((23 * 29) / (60 * 80), 6);
  });

  it('takes the folder of a model, and keeps its maps in the cache', async () => {
    const model = await writeFolder(files, `${folder}/tiny-detr`, {
      'segmenter.json': detrDescription,
      'model.onnx': detrGraph(),
    });
    const out = `${folder}/from-model.png`;
    const before = readdirSync(`${folder}/cache/regions`).length;
    const lines = await langfield('--segmenter', model, '--photos', 'all', '--out', out, '--json');
    const result = JSON.parse(lines[lines.length - 1]);
    expect(result.segmenter).toBe('tiny DETR');
    expect(
      result.photos.map((photo: { regions: number; labelled: number }) => [photo.regions, photo.labelled]),
    ).toEqual(Array.from({ length: 5 }, () => [2, 1]));
    expect(readdirSync(`${folder}/cache/regions`)).toHaveLength(before + 5);
    await langfield('--segmenter', model, '--photos', 'all', '--out', out);
    expect(readdirSync(`${folder}/cache/regions`)).toHaveLength(before + 5);
    await expect(langfield('--segmenter', model, '--region-smoothing', '2', '--out', out)).rejects.toThrow(
      /--region-smoothing: only the built-in segmenter/,
    );
  });

  it('passes settings on', async () => {
    const lines = await langfield('--region-max-regions', '1', '--photos', '1', '--out', `${folder}/one.png`, '--json');
    expect(JSON.parse(lines[lines.length - 1]).photos[0].regions).toBe(1);
  });

  it('names what is wrong and writes nothing', async () => {
    const out = `${folder}/never.png`;
    const refuse = (...args: string[]) => expect(langfield('--out', out, ...args)).rejects;
    await refuse('--segmenter', 'magic').toThrow(/--segmenter.*found magic.*builtin, files/);
    await refuse('--segmenter', `files:${folder}/none`).toThrow(/no such folder of region maps/);
    await refuse('--region-max-regions', 'many').toThrow(/--region-max-regions.*'many'.*whole number from 1 to 65535/);
    await refuse('--region-merge-limit', '-3').toThrow(/--region-merge-limit.*number from 0 to 1000/);
    await refuse('--segmenter', `files:${folder}/maps`, '--region-smoothing', '2').toThrow(/--region-smoothing/);
    const map = `${folder}/maps/photo-1.png`;
    const whole = readFileSync(map);
    const wide = await images.encodePng({ width: 80, height: 60, channels: 1, data: new Uint8Array(4800) });
    writeFileSync(map, wide);
    await refuse('--segmenter', `files:${folder}/maps`).toThrow(/photo-1\.png.*found 80×60.*expected 60×80/);
    writeFileSync(map, whole);
    await refuse('--photos', '0').toThrow(/whole number above 0/);
    expect(existsSync(out)).toBe(false);
  });
});

describe('spread', () => {
  it('takes evenly spaced photos, the first included', () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([0, 3, 6]);
    expect(spread([0, 1], 5)).toEqual([0, 1]);
  });
});
