/**
 * Makes rendered pictures more like photographs: random light over the picture, contrast, saturation and colour cast, a
 * soft lens, and the noise of a sensor, part of it smoothed as cameras and JPEG do. A pure function of picture and seed.
 */
import { randomNormal } from '../../src/math/random.ts';
import { smoothPlanes } from '../../src/regions/lab-planes.ts';
import { drawFrom, type Draw } from '../../src/scenes/draw.ts';

/** A stream of random numbers of its own. */
const noiseStream = 61;

/** @param rgb [height, width, 3]; returns a copy */
export function photographed(rgb: Uint8Array, width: number, height: number, seed: number): Uint8Array {
  const draw = drawFrom(seed, 37);
  const planes = [0, 1, 2].map((c) => Float32Array.from({ length: width * height }, (_, i) => rgb[3 * i + c]));
  const lens = draw.chance(0.5) ? draw.between(0, 1.1) : 0;
  const [r, g, b] = smoothPlanes(
    { width, height, planes: planes as [Float32Array, Float32Array, Float32Array] },
    lens,
  ).planes;
  const tone = randomTone(width, height, draw);
  const fine = noise(width, height, 0, draw.chance(0.8) ? draw.between(0, 5) : 0, seed);
  const coarse = noise(width, height, draw.between(0.6, 1.6), draw.chance(0.6) ? draw.between(0, 4) : 0, seed + 1);
  const out = new Uint8ClampedArray(rgb.length);
  for (let i = 0; i < width * height; i++) {
    const colour = tone(r[i], g[i], b[i], i);
    for (let c = 0; c < 3; c++) out[3 * i + c] = colour[c] + fine[c][i] + coarse[c][i];
  }
  return new Uint8Array(out.buffer);
}

/** Exposure that changes over the picture, contrast, saturation, and a gain for every channel. */
function randomTone(width: number, height: number, draw: Draw) {
  const [slopeX, slopeY] = [draw.between(-0.35, 0.35), draw.between(-0.35, 0.35)];
  const exposure = draw.between(0.65, 1.25);
  const contrast = draw.between(0.75, 1.3);
  const saturation = draw.between(0.5, 1.25);
  const gains = [0, 1, 2].map(() => draw.between(0.9, 1.1));
  return (r: number, g: number, b: number, pixel: number): number[] => {
    const [u, v] = [(pixel % width) / width - 0.5, Math.floor(pixel / width) / height - 0.5];
    const light = exposure * (1 + slopeX * u + slopeY * v);
    const grey = 0.3 * r + 0.59 * g + 0.11 * b;
    return [r, g, b].map((value, c) => {
      const lit = gains[c] * light * (grey + saturation * (value - grey));
      return 128 + contrast * (lit - 128);
    });
  };
}

/** Three planes of normal noise of this strength, in bytes, after a smoothing by `sigma` pixels. */
function noise(width: number, height: number, sigma: number, strength: number, seed: number): Float32Array[] {
  const plane = (c: number) =>
    Float32Array.from({ length: strength > 0 ? width * height : 0 }, (_, i) => randomNormal(seed, noiseStream, i, c));
  if (strength === 0) return [0, 1, 2].map(() => new Float32Array(width * height));
  const { planes } = smoothPlanes({ width, height, planes: [plane(0), plane(1), plane(2)] }, sigma);
  // Smoothing by a Gaussian leaves 1 / (2 σ √π) of the strength of white noise.
  const scale = strength * Math.max(1, 2 * sigma * Math.sqrt(Math.PI));
  return planes.map((values) => values.map((value) => value * scale));
}
