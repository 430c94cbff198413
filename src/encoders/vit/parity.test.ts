/**
 * Acceptance gate of the ViT importer: on tiny models in the layouts of the published files, every tower gives what
 * the original model code gave, within the recorded tolerances or tighter.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { largestDifference, readRecordedVit, readVitFile, readVitTensor } from '../../../test/recorded-vits.ts';
import { hasShared } from '../../../test/shared.ts';
import type { InferenceRuntime } from '../inference-runtime.ts';
import { loadNodeRuntime } from '../node-runtime.ts';
import { Resampler } from '../resample.ts';
import { parseClipConfig } from './clip-config.ts';
import { inferOpenAiArchitecture, readClipWeights } from './clip-layouts.ts';
import { textTowerGraph } from './clip-text.ts';
import { denseTowerGraph } from './dino.ts';
import { readDenseTower } from './dino-layouts.ts';
import { imageTowerGraph } from './vit-image.ts';

let runtime: InferenceRuntime;
beforeAll(async () => {
  runtime = await loadNodeRuntime();
});

const clipCases = [
  'clip-openclip-base',
  'clip-openclip-base-quickgelu',
  'clip-openclip-base-nonsquare',
  'clip-openclip-wide',
  'clip-openai-f32',
  'clip-openai-f16',
  'clip-hf',
  'clip-hf-quickgelu',
];

function readClip(name: string) {
  const recorded = readRecordedVit(name);
  const file = readVitFile(recorded.weights);
  const architecture =
    recorded.layout === 'openai' ? inferOpenAiArchitecture(file) : parseClipConfig(recorded.config, `${name}.json`);
  return { recorded, architecture, weights: readClipWeights(file, architecture) };
}

function unitRows(values: Float32Array, dim: number): Float32Array {
  return values.map((value, i) => {
    const row = values.subarray(i - (i % dim), i - (i % dim) + dim);
    return value / Math.hypot(...row);
  });
}

describe.skipIf(!hasShared)('recorded CLIPs', () => {
  it.each(clipCases)('%s: image tower', async (name) => {
    const { recorded, architecture, weights } = readClip(name);
    const graph = await runtime.loadGraph(imageTowerGraph(architecture.image, weights.image, name), { threads: 1 });
    const [file, tensor] = recorded.pixels.split('#');
    const pixels = readVitTensor(file, tensor, 4);
    const { data } = await graph.run({ pixels: { type: 'float32', ...pixels } }, 'embedding');
    await graph.close();
    expect(largestDifference(data, recorded.arrays.image_features.data)).toBeLessThan(2e-5);
    const unit = unitRows(data, architecture.image.dim);
    expect(largestDifference(unit, recorded.arrays.image_features_normalised.data)).toBeLessThan(5e-6);
  });

  it.each(clipCases)('%s: text tower, all texts together and each alone', async (name) => {
    const { recorded, architecture, weights } = readClip(name);
    const { dim } = architecture.text;
    const graph = await runtime.loadGraph(textTowerGraph(architecture.text, weights.text, name), { threads: 1 });
    const { shape, data: ids } = recorded.arrays.token_ids;
    const expected = recorded.arrays.text_features.data;
    const run = async (rows: number[], count: number) => {
      const input = { type: 'int64', data: Int32Array.from(rows), shape: [count, shape[1]] } as const;
      return (await graph.run({ ids: input }, 'embedding')).data;
    };
    const together = await run(ids, shape[0]);
    expect(largestDifference(together, expected)).toBeLessThan(2e-5);
    const unit = unitRows(together, dim);
    expect(largestDifference(unit, recorded.arrays.text_features_normalised.data)).toBeLessThan(5e-6);
    for (let row = 0; row < shape[0]; row++) {
      const alone = await run(ids.slice(row * shape[1], (row + 1) * shape[1]), 1);
      expect(largestDifference(alone, expected.slice(row * dim, (row + 1) * dim))).toBeLessThan(2e-5);
    }
    await graph.close();
  });
});

describe.skipIf(!hasShared)('recorded DINOs', () => {
  it.each(['dino', 'dino-hf'])('%s: keys of the last block at every size', async (name) => {
    const recorded = readRecordedVit(name);
    const { shape, weights } = readDenseTower(readVitFile(recorded.weights), {
      json: recorded.config,
      file: `${name}.json`,
    });
    expect(shape.keyBlock).toBe(recorded.key_block);
    const graph = await runtime.loadGraph(denseTowerGraph(shape, weights, name), { threads: 1 });
    for (const { tag, height, width, grid } of recorded.cases) {
      const pixels = readVitTensor(recorded.io, `pixels_${tag}`, 3);
      const keys = readVitTensor(recorded.io, `keys_${tag}`, 2);
      const [rows, cols] = grid as number[];
      const input = { type: 'float32', data: pixels.data, shape: [1, 3, Number(height), Number(width)] } as const;
      const output = await graph.run({ pixels: input }, 'keys');
      expect(output.shape).toEqual([1, rows * cols, shape.width]);
      expect(largestDifference(output.data, keys.data), String(tag)).toBeLessThan(1e-4);
    }
    await graph.close();
  });
});

describe.skipIf(!hasShared)('recorded resizing', () => {
  const triple = (value: unknown) => value as [number, number, number];
  it.each(['bilinear', 'antialias'])('%s, normalised', (kind) => {
    const recorded = readRecordedVit('resize');
    for (const { tag, input, output, mean, std } of recorded.cases) {
      const [height, width] = input as number[];
      const [rows, cols] = output as number[];
      const source = readVitTensor(recorded.io, `${tag}.input`, 3).data;
      const plane = height * width;
      const rgb = Uint8Array.from({ length: 3 * plane }, (_, i) =>
        Math.round(255 * source[(i % 3) * plane + Math.floor(i / 3)]),
      );
      const resampler = new Resampler({
        mean: triple(mean),
        std: triple(std),
        interpolation: 'bilinear',
        antialias: kind === 'antialias',
        layout: 'nchw',
      });
      const out = new Float32Array(3 * rows * cols);
      resampler.resample(rgb, 0, { width, height }, { width: cols, height: rows }, out, 0);
      const expected = readVitTensor(recorded.io, `${tag}.${kind}_normalised`, 3).data;
      expect(largestDifference(out, expected), String(tag)).toBeLessThan(1e-5);
    }
  });
});
