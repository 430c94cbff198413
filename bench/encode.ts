/**
 * `npm run bench -- encode`: where the time of the pyramid goes, per tile: cutting, resizing, the image tower; and decoding
 * a photo, which other threads do meanwhile. The tower is a ViT-B/16 of random weights, which costs what a published one
 * costs, unless an encoder is named.
 */
import type { Command } from 'commander';
import { encoderFolderOf } from '../src/cli/encoder-folder.ts';
import { type EncoderDescription, readEncoderFolder } from '../src/encoders/encoder-folder.ts';
import type { InferenceGraph } from '../src/encoders/inference-runtime.ts';
import { loadNodeRuntime } from '../src/encoders/node-runtime.ts';
import { Resampler } from '../src/encoders/resample.ts';
import type { BlockWeights } from '../src/encoders/vit/transformer.ts';
import { type ImageTowerShape, imageTowerGraph } from '../src/encoders/vit/vit-image.ts';
import type { Weight } from '../src/encoders/vit/weights.ts';
import { randomUniform } from '../src/math/random.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import type { Platform } from '../src/platform/platform.ts';
import { cutSquare, levelSquares } from '../src/pyramid/cut-tiles.ts';
import { pyramidGeometry } from '../src/pyramid/tile-geometry.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { median } from './measure.ts';

interface EncodeOptions extends BenchOptions {
  encoder: string;
  tiles: number;
}

const photo = { width: 994, height: 738 };
/** Tiles of one inference, as the encoder does it. */
const tilesPerRun = 4;

export function addOptions(command: Command): void {
  command
    .option('--encoder <folder>', 'encoder folder, or builtin; default: a ViT-B/16 of random weights', 'random')
    .option('--tiles <n>', 'tiles per round', (text) => Math.max(tilesPerRun, Number(text)), 16);
}

type ImageDescription = Pick<
  EncoderDescription['image'],
  'input' | 'output' | 'size' | 'mean' | 'std' | 'interpolation' | 'antialias' | 'layout'
>;

export const run: Bench<EncodeOptions> = async ({ encoder, tiles, threads, repeats }) => {
  const platform = nodePlatform();
  const tower = await imageTower(encoder, platform);
  const graph = await (await loadNodeRuntime()).loadGraph(tower.model, { threads });
  const rgb = Uint8Array.from({ length: 3 * photo.width * photo.height }, (_, i) => (i * 7 + (i >> 9)) % 256);
  const encodeRound = prepareRound(tower.image, graph, rgb, tiles);
  await encodeRound();
  const rounds: Spent[] = [];
  for (let round = 0; round < repeats; round++) rounds.push(await encodeRound());
  await graph.close();
  const perTile = (stage: keyof Spent) => median(rounds.map((spent) => spent[stage] / spent.tiles));
  const result = {
    tilesPerSecond: 1000 / (perTile('cutting') + perTile('resizing') + perTile('inference')),
    inferenceMs: perTile('inference'),
    resizingMs: perTile('resizing'),
    cuttingMs: perTile('cutting'),
    decodeMsPerPhoto: await decodeTime(rgb, platform, repeats),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  report(encoder, result, threads);
  return result;
};

/** Milliseconds, and the tiles they were spent on. */
interface Spent {
  tiles: number;
  cutting: number;
  resizing: number;
  inference: number;
}

/** Tiles of level 2, cut and resized one by one and encoded in batches, as the pyramid and the encoder do it. */
function prepareRound(
  image: ImageDescription,
  graph: InferenceGraph,
  rgb: Uint8Array,
  tiles: number,
): () => Promise<Spent> {
  const level = pyramidGeometry(photo.width, photo.height).levels[2];
  const squares = levelSquares(level).slice(0, tiles);
  const tileBytes = new Uint8Array(3 * level.side ** 2);
  const resampler = new Resampler(image);
  const tileLength = 3 * image.size ** 2;
  const pixels = new Float32Array(tilesPerRun * tileLength);
  const source = { width: level.side, height: level.side };
  const target = { width: image.size, height: image.size };
  const [n, side] = [tilesPerRun, image.size];
  const shape = image.layout === 'nchw' ? [n, 3, side, side] : [n, side, side, 3];
  return async () => {
    const spent = { tiles: 0, cutting: 0, resizing: 0, inference: 0 };
    for (let first = 0; first + tilesPerRun <= squares.length; first += tilesPerRun) {
      for (let i = 0; i < tilesPerRun; i++) {
        spent.cutting += timeOf(() => cutSquare({ ...photo, rgb }, squares[first + i], tileBytes, 0));
        spent.resizing += timeOf(() => resampler.resample(tileBytes, 0, source, target, pixels, i * tileLength));
      }
      const start = performance.now();
      await graph.run({ [image.input]: { type: 'float32', data: pixels, shape } }, image.output);
      spent.inference += performance.now() - start;
      spent.tiles += tilesPerRun;
    }
    return spent;
  };
}

function report(encoder: string, result: Record<string, number>, threads: number): void {
  const { tilesPerSecond, inferenceMs, resizingMs, cuttingMs, decodeMsPerPhoto, peakMiB } = result;
  console.log(
    `${encoder === 'random' ? 'ViT-B/16, random weights, f32' : encoder}, ${threads} threads of ONNX Runtime`,
  );
  console.log(`${tilesPerSecond.toFixed(1)} tiles/s; a tile: inference ${inferenceMs.toFixed(1)} ms,`);
  console.log(`resizing ${resizingMs.toFixed(2)} ms, cutting ${cuttingMs.toFixed(2)} ms`);
  console.log(`decoding a photo of ${photo.width}×${photo.height} on other threads: ${decodeMsPerPhoto.toFixed(0)} ms`);
  console.log(`peak memory ${peakMiB} MiB, the graph before it was loaded included`);
}

async function imageTower(
  encoder: string,
  platform: Platform,
): Promise<{ image: ImageDescription; model: Uint8Array }> {
  if (encoder !== 'random') {
    const folder = await readEncoderFolder(encoderFolderOf(encoder, platform), platform.files);
    return { image: folder.description.image, model: folder.imageModel };
  }
  const pixels = { interpolation: 'bilinear', antialias: false, layout: 'nchw' } as const;
  return {
    image: {
      input: 'pixels',
      output: 'embedding',
      size: 224,
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
      ...pixels,
    },
    model: randomViT(),
  };
}

function randomViT(): Uint8Array {
  const width = 768;
  let stream = 0;
  const weight = (...shape: number[]): Weight => {
    const length = shape.reduce((product, size) => product * size, 1);
    // A short sequence again and again: what the numbers are costs nothing.
    const numbers = Float32Array.from({ length: 997 }, (_, i) => 0.04 * (randomUniform(1, stream, i) - 0.5));
    stream++;
    return { shape, data: Float32Array.from({ length }, (_, i) => numbers[i % 997]) };
  };
  const linear = (out: number, input: number) => ({ weight: weight(out, input), bias: weight(out) });
  const norm = () => ({ weight: { shape: [width], data: new Float32Array(width).fill(1) }, bias: weight(width) });
  const block = (): BlockWeights => ({
    norm1: norm(),
    query: linear(width, width),
    key: linear(width, width),
    value: linear(width, width),
    out: linear(width, width),
    norm2: norm(),
    fc1: linear(4 * width, width),
    fc2: linear(width, 4 * width),
  });
  const shape: ImageTowerShape = {
    ...{ width, heads: 12, layers: 12, activation: 'gelu', layerNormEps: 1e-5 },
    ...{ imageSize: [224, 224], patch: 16, dim: 512 },
  };
  const weights = {
    patch: weight(width, 3, 16, 16),
    classToken: weight(width),
    positions: weight(197, width),
    normPre: norm(),
    blocks: Array.from({ length: 12 }, block),
    normPost: norm(),
    projection: weight(width, 512),
  };
  return imageTowerGraph(shape, weights, 'random ViT-B/16');
}

async function decodeTime(rgb: Uint8Array, { images, now }: Platform, repeats: number): Promise<number> {
  const jpeg = await images.encodeJpeg({ ...photo, channels: 3, data: rgb }, 90);
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const start = now();
    await images.decode(jpeg, 'photo');
    times.push(now() - start);
  }
  return median(times);
}

function timeOf(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}
