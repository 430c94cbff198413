/**
 * What tests of the pyramid share: a deterministic encoder of five numbers per tile, which is the one the recorded
 * vectors were made with, and sources that keep photos and region maps in memory while embeddings go to a folder.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CapturePhoto } from '../src/capture/capture.ts';
import type { ImageTextEncoder, TileBatch } from '../src/encoders/encoder.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { type FileSystem, type Progress, silentProgress } from '../src/platform/platform.ts';
import type { RgbPhoto } from '../src/pyramid/cut-tiles.ts';
import type { PyramidSources } from '../src/pyramid/build-pyramid.ts';
import type { RegionMap } from '../src/regions/region-map.ts';

/** Mean red, green, blue, mean red of the upper half (middle row included), 1; made a unit vector. */
export class StandInEncoder implements ImageTextEncoder {
  readonly name = 'stand-in';
  readonly dim = 5;
  readonly inputSide = 8;
  readonly identity: string;
  readonly canonicalPhrases = ['object'];
  readonly dense?: ImageTextEncoder['dense'];
  /** Sides of all tiles encoded so far. */
  readonly sides: number[] = [];

  constructor(identity = 'stand-in 1', dense = false) {
    this.identity = identity;
    if (dense)
      this.dense = {
        dim: 2,
        identity: `${identity} dense`,
        /** Cell (r, c) of a 3×4 grid holds (r, c). */
        encodePhoto: async () => ({
          rows: 3,
          cols: 4,
          features: Float32Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? Math.floor(i / 8) : ((i - 1) / 2) % 4)),
        }),
      };
  }

  async encodeImages({ count, side, data }: TileBatch): Promise<Float32Array> {
    const result = new Float32Array(count * 5);
    const upper = Math.ceil(side / 2);
    for (let tile = 0; tile < count; tile++) {
      this.sides.push(side);
      const sums = [0, 0, 0, 0];
      for (let i = 0; i < side * side; i++) {
        const at = 3 * (tile * side * side + i);
        for (let c = 0; c < 3; c++) sums[c] += data[at + c] / 255;
        if (i < upper * side) sums[3] += data[at] / 255;
      }
      const vector = [...sums.slice(0, 3).map((sum) => sum / side ** 2), sums[3] / (upper * side), 1];
      const length = Math.hypot(...vector);
      result.set(
        vector.map((value) => value / length),
        5 * tile,
      );
    }
    return result;
  }

  async encodeTexts(texts: readonly string[]): Promise<Float32Array> {
    return new Float32Array(5 * texts.length).fill(1 / Math.sqrt(5));
  }

  async close(): Promise<void> {}
}

export interface StandInPhoto extends RgbPhoto {
  name: string;
  regions?: RegionMap;
}

/** Sources over `folder`; the photo files hold their raw pixels, so that changing pixels changes the file. */
export function standInSources(
  folder: string,
  photos: readonly StandInPhoto[],
  encoder: ImageTextEncoder,
  options: { files?: FileSystem; progress?: Progress } = {},
): PyramidSources & { loaded: string[] } {
  const loaded: string[] = [];
  return {
    loaded,
    photos: photos.map((photo) => capturePhoto(folder, photo)),
    async loadPhoto({ name }) {
      loaded.push(name);
      return photos.find((photo) => photo.name === name)!;
    },
    regionMaps: {
      async getRegionMap(name) {
        return photos.find((photo) => photo.name === name)!.regions!;
      },
    },
    encoder,
    files: options.files ?? nodePlatform().files,
    cacheFolder: join(folder, 'cache'),
    progress: options.progress ?? silentProgress,
    now: () => performance.now(),
  };
}

function capturePhoto(folder: string, photo: StandInPhoto): CapturePhoto {
  const path = join(folder, photo.name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, photo.rgb);
  const { width, height } = photo;
  return {
    name: photo.name,
    path,
    split: 'train',
    camera: {
      model: 'perspective',
      width,
      height,
      fx: width,
      fy: width,
      cx: width / 2,
      cy: height / 2,
      distortion: [0, 0, 0, 0, 0, 0],
      cameraToWorld: new Float64Array(12),
    },
  };
}
