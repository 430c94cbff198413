/**
 * Pictures of held-out photos beside their renderings, so that a user sees how training goes. Not a measurement:
 * the rendering is small and the error printed with it is that of the small picture; `langfield eval` measures.
 */
import type { Engine, RayBundle } from '../engines/engine.ts';
import type { Camera } from '../math/camera.ts';
import { frameRays } from '../math/rays.ts';
import type { Image } from '../platform/platform.ts';
import { decibels } from './loss-window.ts';

/** A photo that is not trained on, small enough to render often. */
export interface HeldOutPhoto {
  name: string;
  /** Intrinsics for the pixels of `rgb`. */
  camera: Camera;
  /** [height, width, 3] sRGB, 255 is white. */
  rgb: Uint8Array;
}

export interface HeldOutPicture {
  /** Photo on the left, rendering on the right. */
  image: Image;
  /** dB between the two. */
  psnr: number;
}

/** Rays per call of the engine. */
const chunk = 16_384;

/** Renders the photo's view. */
export async function drawHeldOut(engine: Engine, { camera, rgb }: HeldOutPhoto): Promise<HeldOutPicture> {
  const { width, height } = camera;
  const image: Image = { width: 2 * width, height, channels: 3, data: new Uint8Array(2 * width * height * 3) };
  let squares = 0;
  const rowsPerChunk = Math.max(1, Math.floor(chunk / width));
  for (let top = 0; top < height; top += rowsPerChunk) {
    const rows = Math.min(rowsPerChunk, height - top);
    const rendered = await renderRows(engine, camera, top, rows);
    for (let i = 0; i < rendered.length; i++) {
      const [row, rest] = [top + Math.floor(i / (width * 3)), i % (width * 3)];
      const photo = rgb[row * width * 3 + rest];
      squares += (rendered[i] - photo / 255) ** 2;
      image.data[row * width * 6 + rest] = photo;
      image.data[row * width * 6 + width * 3 + rest] = Math.round(rendered[i] * 255);
    }
  }
  return { image, psnr: decibels(squares / (width * height * 3)) };
}

/** [rows, width, 3] in [0, 1]. */
async function renderRows(engine: Engine, camera: Camera, top: number, rows: number): Promise<Float32Array> {
  const { origin, directions } = frameRays(camera, top, rows);
  const count = rows * camera.width;
  const origins = new Float32Array(count * 3);
  for (let ray = 0; ray < count; ray++) origins.set(origin, ray * 3);
  const bundle: RayBundle = { count, origins, directions };
  const { rgb } = await engine.render(bundle, { appearance: true });
  if (rgb === undefined) throw new Error('the engine rendered no colours');
  return rgb;
}
