import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyticEngine } from '../../test/analytic-engine.ts';
import type { ImageTextEncoder } from '../encoders/encoder.ts';
import { presetConfig } from '../field/config.ts';
import type { Run } from '../field/run.ts';
import { decodeNpy } from '../formats/npy.ts';
import { pixelRay } from '../math/rays.ts';
import { viewCamera } from '../math/views.ts';
import { type CaptionFonts, loadFonts } from '../pictures/captions.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { sweepScales } from './answer-view.ts';
import { type QueryJob, runQuery } from './run-query.ts';
import { encodePhrases, selectFields, unknownPhrases } from './text-vectors.ts';

const platform = nodePlatform();
const { files, images } = platform;
const folder = mkdtempSync(`${tmpdir()}/langfield-query-`).replaceAll('\\', '/');
afterAll(() => rmSync(folder, { recursive: true }));

const cameraAt = (x: number) => viewCamera(Float64Array.of(1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0), 20, 12, 50);
const views = [0, 1, 2].map((x) => ({ name: `view ${x}`, slug: `view-${x}`, camera: cameraAt(x) }));
const fox = pixelRay(views[0].camera, 3, 14).direction;
const texts = {
  phrases: ['red fox', 'unicorn'],
  positives: Float32Array.from([...fox, -fox[0], -fox[1], -fox[2]]),
  negatives: new Float32Array(3),
};
/** The fox shows best at the fourth scale in field 0, at the ninth in field 1; the unicorn lies behind the camera. */
const engine = analyticEngine({
  languages: ['panoptic', 'none'],
  depth: 2,
  relevancy: ({ direction, phrase, scale, field }) => {
    const cosine = direction.reduce((sum, value, axis) => sum + value * phrase[axis], 0);
    const best = sweepScales[field === 0 ? 3 : 8];
    return 0.4 + (scale === best ? 0.3 : 0.2) * Math.max(0, cosine) ** 4000;
  },
});

let fonts: CaptionFonts;
beforeAll(async () => {
  fonts = await loadFonts(platform);
});
const job = (out: string, more: Partial<QueryJob> = {}): QueryJob => ({
  engine,
  texts,
  fields: [0],
  views,
  out: `${folder}/${out}`,
  loadPhoto: async () => undefined,
  fonts,
  ...more,
});

describe('a whole query', () => {
  it('reports scale, peak and position per phrase and view, and what was not found', async () => {
    const { entries } = await runQuery(job('report'), platform, silentProgress);
    expect(entries.map(({ phrase, view, found }) => [phrase, view, found])).toEqual([
      ['red fox', 'view 0', true],
      ['unicorn', 'view 0', false],
      ['red fox', 'view 1', true],
      ['unicorn', 'view 1', false],
      ['red fox', 'view 2', true],
      ['unicorn', 'view 2', false],
    ]);
    const [first] = entries;
    expect(first.scale).toBe(sweepScales[3]);
    expect(first.maxRelevancy).toBeCloseTo(0.7, 3);
    expect([first.peak.row, first.peak.col]).toEqual([3, 14]);
    expect(entries[4].peak.position[0]).toBeCloseTo(2 + 2 * fox[0], 4);
  });

  it('writes exact values and pictures per phrase and view, and one sheet', async () => {
    const { entries, sheet } = await runQuery(job('files'), platform, silentProgress);
    expect(await files.list(`${folder}/files`)).toEqual(['red-fox', 'red-fox-unicorn.png', 'unicorn']);
    expect(entries[2].folder).toBe(`${folder}/files/red-fox/view-1`);
    expect(await files.list(entries[2].folder)).toEqual([
      'centred.png',
      'composited.png',
      'normalised.png',
      'raw.png',
      'relevancy-16.png',
      'relevancy.npy',
    ]);
    const exact = decodeNpy(await files.readBytes(`${entries[0].folder}/relevancy.npy`), 'relevancy.npy');
    expect([exact.shape, exact.dtype]).toEqual([[12, 20], '<f4']);
    expect(exact.data[3 * 20 + 14]).toBeCloseTo(0.7, 3);
    const deep = await images.decode(
      await files.readBytes(`${entries[0].folder}/relevancy-16.png`),
      'relevancy-16.png',
    );
    expect(deep.data).toBeInstanceOf(Uint16Array);
    expect(Math.abs(deep.data[3 * 20 + 14] - 65535 * Number(exact.data[3 * 20 + 14]))).toBeLessThan(1);
    const drawn = await images.decode(await files.readBytes(sheet), sheet);
    expect(drawn.width).toBeGreaterThan(5 * 240);
  });

  it('shows plain colours for a phrase that was not found', async () => {
    const { entries } = await runQuery(job('plain'), platform, silentProgress);
    const pixels = async (entry: number) =>
      (await images.decode(await files.readBytes(`${entries[entry].folder}/composited.png`), 'composited')).data;
    expect(new Set(await pixels(1))).toEqual(new Set([128]));
    expect(new Set(await pixels(0)).size).toBeGreaterThan(1);
  });

  it('gives each of several language fields its own folder', async () => {
    const { entries } = await runQuery(job('fields', { fields: [0, 1] }), platform, silentProgress);
    expect(entries.slice(0, 3).map(({ field, scale }) => [field, sweepScales.indexOf(scale)])).toEqual([
      ['panoptic', 3],
      ['panoptic', 0],
      ['none', 8],
    ]);
    expect(entries[2].folder).toBe(`${folder}/fields/red-fox/view-0/none`);
  });

  it('keeps given scales, or those of the first view', async () => {
    engine.requests.length = 0;
    const given = await runQuery(job('given', { scales: [0.5, 1] }), platform, silentProgress);
    expect(new Set(given.entries.map(({ scale }) => scale))).toEqual(new Set([0.5, 1]));
    expect(engine.requests.every(({ request }) => request.query?.mode === 'kept')).toBe(true);
    engine.requests.length = 0;
    const first = await runQuery(job('first', { scales: 'first-view' }), platform, silentProgress);
    expect(engine.requests.map(({ request }) => request.query?.mode)).toEqual(['sweep', 'kept', 'kept']);
    expect(first.entries.filter(({ phrase }) => phrase === 'red fox').map(({ scale }) => scale)).toEqual(
      new Array(3).fill(sweepScales[3]),
    );
  });

  it('chooses scales by a search with few rays, or over every pixel, and answers the same', async () => {
    const large = [{ ...views[0], camera: viewCamera(views[0].camera.cameraToWorld, 80, 48, 50) }];
    const modes = () => engine.requests.map(({ request }) => request.query?.mode);
    engine.requests.length = 0;
    const coarse = await runQuery(job('coarse', { views: large }), platform, silentProgress);
    expect(modes()).toEqual(['sweep', 'sweep', 'kept']);
    engine.requests.length = 0;
    const asked = { views: large, scaleSearch: 'exhaustive' } as const;
    const exhaustive = await runQuery(job('exhaustive', asked), platform, silentProgress);
    expect(modes()).toEqual(['sweep']);
    const answers = ({ entries }: typeof coarse) => entries.map(({ folder: _, ...answer }) => answer);
    expect(answers(coarse)).toEqual(answers(exhaustive));
  });

  it('counts every ray of every field in its progress', async () => {
    const seen: number[] = [];
    let total = 0;
    const progress = {
      ...silentProgress,
      start: (_: string, units: number) => (total = units),
      update: (done: number) => void seen.push(done),
    };
    await runQuery(job('progress', { fields: [0, 1], chunkRays: 100 }), platform, progress);
    expect(seen.at(-1)).toBe(total);
    expect(total).toBe(2 * 3 * 240);
  });
});

describe('texts and fields of a run', () => {
  const run = (encoder?: { identity: string }): Run => ({
    folder: 'runs/fox',
    photos: [],
    parameters: new Map(),
    canonicalEmbeddings: Float32Array.of(0, 1, 0),
    config: {
      formatVersion: 1,
      scene: presetConfig('small', 1, [
        { name: 'panoptic', clipDim: 3, dinoDim: 0 },
        { name: 'none', clipDim: 3, dinoDim: 0 },
      ]),
      capture: { root: 'fox', format: 'nerfstudio' },
      worldToScene: { transform: [], scale: 1 },
      encoder: encoder && { name: 'tiny', folder: 'enc', dim: 3, canonicalPhrases: ['thing'], ...encoder },
      training: {},
    },
  });
  const encoder: ImageTextEncoder = {
    name: 'other',
    dim: 3,
    inputSide: 8,
    identity: 'abc',
    canonicalPhrases: ['object'],
    encodeImages: () => Promise.reject(new Error('not asked for')),
    encodeTexts: async (phrases) => Float32Array.from(phrases.flatMap((phrase) => [phrase.length, 0, 0])),
    close: async () => {},
  };

  it('encodes phrases and takes the canonical ones from the run', async () => {
    const vectors = await encodePhrases(run({ identity: 'abc' }), encoder, ['a', 'bcd']);
    expect([...vectors.positives]).toEqual([1, 0, 0, 3, 0, 0]);
    expect([...vectors.negatives]).toEqual([0, 1, 0]);
  });

  it('refuses another encoder with advice', async () => {
    await expect(encodePhrases(run({ identity: 'xyz' }), encoder, ['a'])).rejects.toThrow(
      /runs\/fox: encoder: .*found other \(abc\); expected tiny \(xyz\).*--encoder/,
    );
  });

  it('recognises phrases that the encoder gives the vector of a canonical one', () => {
    const vectors = {
      phrases: ['fox', 'zebra', 'thing'],
      positives: Float32Array.of(0, 0.6, 0.8, 0, 1, 0, 0, 1, 0),
      negatives: Float32Array.of(1, 0, 0, 0, 1, 0),
    };
    expect(unknownPhrases(vectors, ['stuff', 'thing'])).toEqual(['zebra']);
  });

  it('selects language fields by name', () => {
    const trained = run({ identity: 'abc' });
    expect(selectFields(trained, undefined)).toEqual([0]);
    expect(selectFields(trained, 'none')).toEqual([1]);
    expect(selectFields(trained, 'all')).toEqual([0, 1]);
    expect(() => selectFields(trained, 'full')).toThrow(/found full; expected panoptic, none, all/);
    expect(() => selectFields(run(), undefined)).toThrow(/no language field/);
  });
});
