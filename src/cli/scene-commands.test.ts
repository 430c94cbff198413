import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDefaultGpu } from '../../test/gpu.ts';
import { largestDifference } from '../../test/numbers.ts';
import { writeTinyEncoder } from '../../test/tiny-encoder.ts';
import { openEncoder } from '../encoders/onnx-encoder.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { tinyConfig } from '../engines/reference/tiny-scene.fixture.ts';
import { initialParameters } from '../field/initialise.ts';
import { createRun, saveScene } from '../field/run-folder.ts';
import { decodeNpy } from '../formats/npy.ts';
import { viewCamera } from '../math/views.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { addEvalCommand } from './eval.ts';
import { addQueryCommand } from './query.ts';
import { addRenderCommand } from './render.ts';

const platform = nodePlatform();
const { files, images } = platform;
const folder = mkdtempSync(`${tmpdir()}/langfield-scene-`).replaceAll('\\', '/');
afterAll(() => rmSync(folder, { recursive: true }));
const run = `${folder}/run`;
const labels = `${folder}/labels`;

/** Runs one command and returns what it printed. */
async function langfield(...args: string[]): Promise<{ lines: string[]; warnings: string[] }> {
  const lines: string[] = [];
  const warnings: string[] = [];
  const progress = { ...silentProgress, warn: (line: string) => void warnings.push(line) };
  const program = new Command('langfield').exitOverride();
  const context = { platform, progress, print: (line: string) => void lines.push(line) };
  for (const add of [addQueryCommand, addRenderCommand, addEvalCommand]) add(program, context);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync([...args, '--threads', '1'], { from: 'user' });
  return { lines, warnings };
}

/** An untrained scene of two language fields, three photos (one held out) and labels on two of them. */
beforeAll(async () => {
  const scene = tinyConfig();
  scene.languages = scene.languages.map((language) => ({ ...language, clipDim: 4, dinoDim: 0, hiddenWidth: 16 }));
  const encoderFolder = writeTinyEncoder(`${folder}/encoder`);
  const encoder = await openEncoder(encoderFolder, files, await loadNodeRuntime());
  const canonicalPhrases = [...encoder.canonicalPhrases];
  const canonicalEmbeddings = await encoder.encodeTexts(canonicalPhrases);
  const photos = await Promise.all(
    ['a.png', 'b.png', 'c.png'].map(async (name, index) => {
      const path = `${folder}/photos/${name}`;
      const data = Uint8Array.from({ length: 3 * 24 * 32 }, (_, i) => (7 * i + 40 * index) % 256);
      await files.writeAtomic(path, await images.encodePng({ width: 24, height: 32, channels: 3, data }));
      const camera = viewCamera(Float64Array.of(1, 0, 0, 0.2 * index, 0, 1, 0, 0, 0, 0, 1, 0.5), 24, 32, 50);
      return { name, path, split: index === 1 ? ('test' as const) : ('train' as const), camera };
    }),
  );
  const { name, identity, dim } = encoder;
  await encoder.close();
  await createRun(run, files, {
    config: {
      scene,
      capture: { root: folder, format: 'nerfstudio' },
      worldToScene: { transform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], scale: 1 },
      encoder: { name, folder: encoderFolder, identity, dim, canonicalPhrases },
      training: { downscale: 2 },
    },
    photos,
    canonicalEmbeddings,
  });
  const parameters = initialParameters(scene, 1);
  // Initial grids are almost zero and the field almost flat; these have features of order 1.
  for (const [key, values] of parameters)
    if (key.includes('.grid')) for (let i = 0; i < values.length; i++) values[i] *= 1e4;
  await saveScene(run, files, scene, parameters);
  for (const image of ['a.png', 'b.png']) {
    const segmentation = [
      [4, 4],
      [20, 4],
      [20, 28],
      [4, 28],
    ];
    const text = JSON.stringify({
      info: { name: image, width: 24, height: 32 },
      objects: [{ category: 'red', segmentation }],
    });
    await files.writeAtomic(`${labels}/${image}.json`, text);
  }
});

describe('langfield query', () => {
  it('writes maps, prints the table and the sheet, and JSON in the last line', async () => {
    const { lines } = await langfield('query', run, 'red; blue', '--views', 'a,b', '--json');
    const report = JSON.parse(lines.at(-1)!);
    expect(report.entries).toHaveLength(4);
    expect(report.entries[0]).toMatchObject({ phrase: 'red', view: 'a', field: 'panoptic', width: 24, height: 32 });
    const exact = decodeNpy(await files.readBytes(`${run}/query/red/a/relevancy.npy`), 'relevancy.npy');
    expect(exact.shape).toEqual([32, 24]);
    const values = exact.data as Float32Array;
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
    expect(Math.max(...values)).toBeCloseTo(report.entries[0].maxRelevancy, 6);
    expect(await files.stat(`${run}/query/red-blue.png`)).toBeDefined();
    expect(lines.some((line) => /^red +a +\d\.\d{3} +0\.\d{3}/.test(line))).toBe(true);
  });

  it('gives the same answer on both engines, with kept scales and through another encoder folder', async () => {
    const common = [run, 'red', '--views', 'b', '--json', '--size', '12x10'];
    const fast = JSON.parse((await langfield('query', ...common, '--out', `${folder}/fast`)).lines.at(-1)!);
    const exact = await langfield('query', ...common, '--engine', 'reference', '--out', `${folder}/exact`);
    const { scale, maxRelevancy } = JSON.parse(exact.lines.at(-1)!).entries[0];
    expect(fast.entries[0].scale).toBe(scale);
    expect(fast.entries[0].maxRelevancy).toBeCloseTo(maxRelevancy, 4);
    writeTinyEncoder(`${folder}/moved-encoder`);
    const kept = await langfield(
      'query',
      ...common,
      '--out',
      `${folder}/kept`,
      '--scales',
      `${scale}`,
      '--encoder',
      `${folder}/moved-encoder`,
    );
    expect(JSON.parse(kept.lines.at(-1)!).entries[0].maxRelevancy).toBeCloseTo(fast.entries[0].maxRelevancy, 5);
  });

  it('refuses what cannot be, in one line', async () => {
    await expect(langfield('query', run, ' ; ')).rejects.toThrow(/no phrase/);
    await expect(langfield('query', run, 'red', '--views', 'zebra')).rejects.toThrow(/no such photo.*found zebra/);
    await expect(langfield('query', run, 'red', '--scales', '0.1,0.2')).rejects.toThrow(
      /--scales.*found 2; expected 1/,
    );
    await expect(langfield('query', run, 'red', '--field', 'full')).rejects.toThrow(/no such language field/);
    await expect(langfield('query', `${folder}/nowhere`, 'red')).rejects.toThrow(/not a run folder/);
  });

  it('says that the place of the answers cannot be written before it works', async () => {
    await files.writeAtomic(`${folder}/a-file`, '');
    for (const command of [
      ['query', run, 'red'],
      ['render', run],
    ])
      await expect(langfield(...command, '--out', `${folder}/a-file`)).rejects.toThrow(/a-file: .*is in the way/);
  });

  it('refuses another encoder', async () => {
    const other = writeTinyEncoder(`${folder}/other-encoder`);
    const description = JSON.parse(await files.readText(`${other}/encoder.json`));
    description.image.std = [2, 2, 2];
    await files.writeAtomic(`${other}/encoder.json`, JSON.stringify(description));
    await expect(langfield('query', run, 'red', '--encoder', other)).rejects.toThrow(/not the encoder.*trained with/);
  });
});

describe('langfield render', () => {
  it('writes colours, depth and opacity of every view, and a sheet', async () => {
    const { lines } = await langfield('render', run, '--views', 'all', '--json');
    expect(JSON.parse(lines.at(-1)!).views).toHaveLength(3);
    expect(await files.list(`${run}/render/c`)).toEqual(['accumulation.png', 'depth.npy', 'depth.png', 'rgb.png']);
    expect(decodeNpy(await files.readBytes(`${run}/render/c/depth.npy`), 'depth.npy').shape).toEqual([32, 24]);
    expect(await files.stat(`${run}/render/sheet.png`)).toBeDefined();
  });
});

describe('langfield eval', () => {
  it('scores held-out photos and labels, on every field, and writes eval.json', async () => {
    const { lines } = await langfield('eval', run, '--labels', labels, '--json');
    const report = JSON.parse(lines.at(-1)!);
    expect(report.photos).toHaveLength(1);
    expect(report.photos[0]).toMatchObject({ photo: 'b.png', width: 12, height: 16 });
    expect(report.psnr).toBeGreaterThan(5);
    expect(Object.keys(report.fields)).toEqual(['panoptic', 'none']);
    expect(report.phrases.red.pairs).toBe(2);
    for (const key of ['dRelevancy', 'ratioAcc', 'recall']) expect(report.phrases.red[key]).toBeTypeOf('number');
    expect(report.baselines.zeros.dRelevancy).toBeCloseTo(0.5, 12);
    expect(report.settings).toEqual({ labels, recallRule: 'highlighted', map: 'raw' });
    expect(JSON.parse(await files.readText(`${run}/eval.json`))).toEqual(report);
    expect(await files.stat(`${run}/eval-sheet.png`)).toBeDefined();
    expect(lines.join('\n')).toMatch(/b\.png +held out +red/);
  });

  it('works without labels, and says which phrases are not labelled', async () => {
    const { lines } = await langfield('eval', run, '--json');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ dRelevancy: null, pairs: [] });
    await expect(langfield('eval', run, '--labels', labels, '--phrases', 'zebra')).rejects.toThrow(
      /found zebra; expected red/,
    );
    await expect(langfield('eval', run, '--clip05', '--normalise')).rejects.toThrow(/cannot be used with/);
  });

  it('refuses to score nothing, and keeps the scores that are there', async () => {
    const before = await files.readText(`${run}/eval.json`);
    await expect(langfield('eval', run, '--no-photos')).rejects.toThrow(/nothing to score.*Give --labels/);
    expect(await files.readText(`${run}/eval.json`)).toBe(before);
  });

  it('notices a photo that was replaced since training', async () => {
    const path = `${folder}/photos/b.png`;
    const before = await files.readBytes(path);
    await files.writeAtomic(
      path,
      await images.encodePng({ width: 4, height: 4, channels: 1, data: new Uint8Array(16) }),
    );
    await expect(langfield('eval', run)).rejects.toThrow(/b\.png: .*found 4×4; expected 24×32/);
    await files.writeAtomic(path, before);
  });
});

describeDefaultGpu('scene commands with --device webgpu', (gpu) => {
  // Software compiles the kernels of every command anew.
  const minutes = 600_000;

  it('query answers as the CPU does', { timeout: minutes }, async () => {
    const answer = async (device: string) => {
      const place = ['--out', `${folder}/${device}`, '--device', device];
      const { lines } = await langfield('query', run, 'red', '--views', 'b', '--field', 'all', '--json', ...place);
      return JSON.parse(lines.at(-1)!).entries;
    };
    const [own, expected] = [await answer('webgpu'), await answer('cpu')];
    expect(own).toHaveLength(2);
    for (const [index, { scale, maxRelevancy }] of expected.entries()) {
      expect(own[index].scale).toBe(scale);
      expect(own[index].maxRelevancy).toBeCloseTo(maxRelevancy, 3);
    }
  });

  it('render and eval give the same pictures and scores', { timeout: minutes }, async () => {
    const depth = async (device: string) => {
      await langfield('render', run, '--views', 'b', '--out', `${folder}/depth-${device}`, '--device', device);
      return decodeNpy(await files.readBytes(`${folder}/depth-${device}/b/depth.npy`), 'depth.npy')
        .data as Float32Array;
    };
    const [own, expected] = [await depth('webgpu'), await depth('cpu')];
    expect(largestDifference(own, expected) / Math.max(...expected)).toBeLessThan(1e-3);
    const score = async (device: string) => {
      const { lines } = await langfield('eval', run, '--json', '--device', device);
      return JSON.parse(lines.at(-1)!).psnr;
    };
    expect(await score('webgpu')).toBeCloseTo(await score('cpu'), 2);
  });

  it('refuses more memory than allowed, and an engine of the CPU', async () => {
    const webgpu = ['render', run, '--device', 'webgpu'];
    await expect(langfield(...webgpu, '--max-memory', '0.001')).rejects.toThrow(/memory it may use.*--device cpu/);
    await expect(langfield(...webgpu, '--engine', 'reference')).rejects.toThrow(/reference with --device webgpu/);
  });

  it('keeps tables in the precision that is asked for, where the GPU has it', async () => {
    const render = (precision: string) =>
      langfield('render', run, '--views', 'b', '--out', `${folder}/p`, '--device', 'webgpu', '--precision', precision);
    await render('f32');
    if (gpu.opened.features.halfPrecision) await render('f16');
    else await expect(render('f16')).rejects.toThrow(/half-precision tables.*does not have them.*use float32/);
    await expect(render('f64')).rejects.toThrow();
  });
});
