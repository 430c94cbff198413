/**
 * Peak memory of the whole path at the size of a real capture: 200 photos of 994 × 738, a 512-wide encoder, the
 * panoptic prior, then training steps of the `small` scene. Photos are generated, regions are blocks, and the encoder
 * is arithmetic: none of them changes what is kept in memory or on disk.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { CapturePhoto } from '../src/capture/capture.ts';
import { loadPhoto } from '../src/capture/load-photo.ts';
import type { ImageTextEncoder, TileBatch } from '../src/encoders/encoder.ts';
import { WasmEngine } from '../src/engines/wasm/wasm-engine.ts';
import { presetConfig } from '../src/field/config.ts';
import { initialParameters } from '../src/field/initialise.ts';
import { viewCamera } from '../src/math/views.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { type Platform, silentProgress } from '../src/platform/platform.ts';
import { prepareSupervision } from '../src/pyramid/prepare-supervision.ts';
import { resolvePyramidSettings } from '../src/pyramid/pyramid-options.ts';
import type { RegionMap } from '../src/regions/region-map.ts';
import { loadTrainingPhotos } from '../src/training/load-photos.ts';
import { RayBatches } from '../src/training/ray-batches.ts';
import type { Bench } from './bench.ts';
import { printTable, round } from './measure.ts';

const [photoCount, width, height, dim] = [200, 994, 738, 512];
const [rays, steps] = [512, 200];

/** Twelve block means of a tile, spread over 512 numbers. */
class ArithmeticEncoder implements ImageTextEncoder {
  readonly name = 'arithmetic';
  readonly dim = dim;
  readonly inputSide = 32;
  readonly identity = 'bench-arithmetic-512';
  readonly canonicalPhrases = ['object', 'things', 'stuff', 'texture'];

  async encodeImages({ count, side, data }: TileBatch): Promise<Float32Array> {
    const embeddings = new Float32Array(count * dim);
    const means = new Float64Array(12);
    for (let tile = 0; tile < count; tile++) {
      means.fill(0.01);
      for (let i = 0; i < side * side; i += 17) {
        const block = (Math.floor(i / side) * 2 >= side ? 2 : 0) + ((i % side) * 2 >= side ? 1 : 0);
        for (let c = 0; c < 3; c++) means[block * 3 + c] += data[(tile * side * side + i) * 3 + c];
      }
      const length = Math.hypot(...means) * Math.sqrt(Math.ceil(dim / 12));
      for (let c = 0; c < dim; c++) embeddings[tile * dim + c] = means[c % 12] / length;
    }
    return embeddings;
  }

  async encodeTexts(texts: readonly string[]): Promise<Float32Array> {
    return new Float32Array(texts.length * dim).fill(1 / Math.sqrt(dim));
  }

  async close(): Promise<void> {}
}

async function writePhotos(folder: string, { files, images }: Platform): Promise<CapturePhoto[]> {
  const photos: CapturePhoto[] = [];
  for (let index = 0; index < photoCount; index++) {
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < data.length; i++) data[i] = 128 + 100 * Math.sin((i % (width * 3)) / (40 + index) + i / 90_000);
    const path = `${folder}/${String(index).padStart(3, '0')}.jpg`;
    await files.writeAtomic(path, await images.encodeJpeg({ width, height, channels: 3, data }, 90));
    const angle = (2 * Math.PI * index) / photoCount;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const pose = Float64Array.of(-s, 0, c, c, c, 0, s, s, 0, 1, 0, 0);
    photos.push({ name: path, path, camera: viewCamera(pose, width, height, 60), split: 'train' });
  }
  return photos;
}

function blockRegions(): RegionMap {
  const ids = Int32Array.from(
    { length: width * height },
    (_, i) => 1 + Math.floor(i / width / 150) * 8 + Math.floor((i % width) / 150),
  );
  return { width, height, ids };
}

export const run: Bench = async ({ threads }) => {
  const platform = nodePlatform();
  const { files, images } = platform;
  const folder = await mkdtemp(`${tmpdir()}/langfield-memory-`);
  const peak = () => Math.round(process.resourceUsage().maxRSS / 1024);
  try {
    const photos = await writePhotos(`${folder}/photos`, platform);
    const start = performance.now();
    const { pyramid, supervisions } = await prepareSupervision(
      {
        photos,
        loadPhoto: async (photo) => (await loadPhoto(photo, files, images)).pixels,
        regionMaps: { getRegionMap: async () => blockRegions() },
        encoder: new ArithmeticEncoder(),
        files,
        cacheFolder: `${folder}/cache`,
        progress: silentProgress,
        now: platform.now,
      },
      ['panoptic'],
      resolvePyramidSettings({}),
    );
    const pyramidSeconds = (performance.now() - start) / 1000;
    const pyramidPeakMiB = peak();
    const pixels = await loadTrainingPhotos(photos, 1, platform, silentProgress);
    const config = presetConfig('small', photoCount, [{ name: 'panoptic', clipDim: dim, dinoDim: 0 }]);
    const supervision = supervisions.get('panoptic');
    if (!supervision) throw new Error('no supervision for the prior that was asked for');
    const batches = new RayBatches({
      photos: pixels,
      languages: [{ supervision, clipDim: dim, dinoDim: 0 }],
      seed: 1,
      rays,
    });
    const parameters = initialParameters(config, 1);
    const engine = await WasmEngine.create(config, platform, { threads, parameters, raysPerStep: rays });
    const memory = batches.allocate();
    let batchMs = 0;
    for (let step = 0; step < steps; step++) {
      const before = performance.now();
      const batch = batches.prepare({ counter: step, language: true }, memory);
      batchMs += performance.now() - before;
      await engine.trainStep(batch, {
        step,
        trainRadiance: true,
        trainLanguage: true,
        updateProposals: true,
        anneal: 1,
        learningRates: { proposal: 1e-2, fields: 1e-2, camera: 1e-3, language: 1e-2 },
      });
    }
    await engine.close();
    const result = {
      photos: photoCount,
      peakMiB: peak(),
      pyramidPeakMiB,
      pyramidSeconds: round(pyramidSeconds),
      tiles: pyramid.encoded.tiles,
      msPerBatch: round(batchMs / steps, 2),
    };
    printTable([
      [`${photoCount} photos of ${width}x${height}, ${dim}-wide encoder`, 'value'],
      ['peak memory after the pyramid, MiB', result.pyramidPeakMiB],
      ['peak memory after training, MiB', result.peakMiB],
      ['pyramid without the encoder, s', result.pyramidSeconds],
      ['batch with language targets, ms', result.msPerBatch],
    ]);
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
