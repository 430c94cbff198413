/**
 * Picture quality of a rendered photo: PSNR, and SSIM as Wang et al. 2004 define it (Gaussian window 11×11, σ = 1.5,
 * K1 = 0.01, K2 = 0.03, dynamic range 1, population variances), per channel and averaged over the channels and the
 * positions where the window fits; nothing is padded.
 */
import { LangfieldError } from '../errors.ts';

const windowSide = 11;
const sigma = 1.5;
const c1 = 0.01 ** 2;
const c2 = 0.03 ** 2;

/** −10 log₁₀ of the mean squared error of values in [0, 1]; Infinity for equal pictures. */
export function psnr(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return -10 * Math.log10(sum / a.length);
}

/** @param a, b [height, width, 3] in [0, 1] */
export function ssim(a: Float32Array, b: Float32Array, width: number, height: number): number {
  if (width < windowSide || height < windowSide)
    throw new LangfieldError({
      problem: 'SSIM needs pictures at least as large as its window',
      found: `${width}×${height}`,
      expected: `${windowSide}×${windowSide} or more`,
      advice: 'Train and evaluate at a larger size',
    });
  let sum = 0;
  for (let channel = 0; channel < 3; channel++)
    sum += channelSsim(planeOf(a, channel), planeOf(b, channel), width, height);
  return sum / 3;
}

function planeOf(rgb: Float32Array, channel: number): Float64Array {
  return Float64Array.from({ length: rgb.length / 3 }, (_, pixel) => rgb[3 * pixel + channel]);
}

/** [height, width] planes. */
function channelSsim(a: Float64Array, b: Float64Array, width: number, height: number): number {
  const product = (x: Float64Array, y: Float64Array) => x.map((value, i) => value * y[i]);
  const means = [a, b, product(a, a), product(b, b), product(a, b)].map((plane) => blur(plane, width, height));
  let sum = 0;
  for (let i = 0; i < means[0].length; i++) {
    const [meanA, meanB, squareA, squareB, cross] = means.map((plane) => plane[i]);
    const varianceA = squareA - meanA * meanA;
    const varianceB = squareB - meanB * meanB;
    const covariance = cross - meanA * meanB;
    sum +=
      ((2 * meanA * meanB + c1) * (2 * covariance + c2)) /
      ((meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2));
  }
  return sum / means[0].length;
}

const gaussian = ((): Float64Array => {
  const centre = (windowSide - 1) / 2;
  const taps = Float64Array.from({ length: windowSide }, (_, i) => Math.exp(-((i - centre) ** 2) / (2 * sigma ** 2)));
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
})();

/** Gaussian means wherever the window fits: [height − 10, width − 10]. */
function blur(plane: Float64Array, width: number, height: number): Float64Array {
  const [outWidth, outHeight] = [width - windowSide + 1, height - windowSide + 1];
  const rows = new Float64Array(height * outWidth);
  for (let row = 0; row < height; row++)
    for (let col = 0; col < outWidth; col++) {
      let sum = 0;
      for (let k = 0; k < windowSide; k++) sum += gaussian[k] * plane[row * width + col + k];
      rows[row * outWidth + col] = sum;
    }
  const out = new Float64Array(outHeight * outWidth);
  for (let row = 0; row < outHeight; row++)
    for (let col = 0; col < outWidth; col++) {
      let sum = 0;
      for (let k = 0; k < windowSide; k++) sum += gaussian[k] * rows[(row + k) * outWidth + col];
      out[row * outWidth + col] = sum;
    }
  return out;
}
