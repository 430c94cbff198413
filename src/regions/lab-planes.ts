/**
 * A photo as three CIELAB planes (D65), the space in which the built-in segmenter measures differences, and separable
 * Gaussian smoothing of planes. One unit is about one just noticeable difference.
 */
export interface Planes {
  width: number;
  height: number;
  /** L* (0..100), a*, b* (about −100..100), each [height, width]. */
  planes: [Float32Array, Float32Array, Float32Array];
}

const linearOf = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** Steps of the table of the CIE cube-root function; the error stays under 0.02 units of L*. */
const steps = 8192;
const rootOf = Float64Array.from({ length: steps + 2 }, (_, step) => {
  const t = step / steps;
  return t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116;
});

function cieRoot(t: number): number {
  const position = Math.min(1, t) * steps;
  const below = Math.trunc(position);
  return rootOf[below] + (position - below) * (rootOf[below + 1] - rootOf[below]);
}

/** @param rgb sRGB bytes, [height, width, 3] */
export function toLab(width: number, height: number, rgb: Uint8Array): Planes {
  const pixels = width * height;
  const planes: Planes['planes'] = [new Float32Array(pixels), new Float32Array(pixels), new Float32Array(pixels)];
  for (let i = 0; i < pixels; i++) {
    const r = linearOf[rgb[3 * i]];
    const g = linearOf[rgb[3 * i + 1]];
    const b = linearOf[rgb[3 * i + 2]];
    const x = cieRoot((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    const y = cieRoot(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
    const z = cieRoot((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
    planes[0][i] = 116 * y - 16;
    planes[1][i] = 500 * (x - y);
    planes[2][i] = 200 * (y - z);
  }
  return { width, height, planes };
}

/** Gaussian of standard deviation `sigma` pixels on every plane; edges are continued by their last value. */
export function smoothPlanes(image: Planes, sigma: number): Planes {
  if (sigma <= 0) return image;
  const { width, height } = image;
  const kernel = gaussianKernel(sigma);
  const [l, a, b] = image.planes.map((plane) => smoothPlane(plane, width, height, kernel));
  return { width, height, planes: [l, a, b] };
}

function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  return kernel.map((weight) => weight / sum);
}

/** Rows, then columns; whole rows at a time, so that the inner loops are plain multiply-adds without bounds. */
function smoothPlane(plane: Float32Array, width: number, height: number, kernel: Float64Array): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const rows = new Float32Array(plane.length);
  const padded = new Float32Array(width + 2 * radius);
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const row = plane.subarray(y * width, (y + 1) * width);
    padded.fill(row[0], 0, radius).fill(row[width - 1], radius + width);
    padded.set(row, radius);
    sums.fill(0);
    for (let k = 0; k <= 2 * radius; k++) addScaled(sums, kernel[k], padded, k);
    rows.set(sums, y * width);
  }
  const out = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = -radius; k <= radius; k++)
      addScaled(sums, kernel[k + radius], rows, Math.min(height - 1, Math.max(0, y + k)) * width);
    out.set(sums, y * width);
  }
  return out;
}

/** sums[i] += weight · values[from + i] */
function addScaled(sums: Float64Array, weight: number, values: Float32Array, from: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] += weight * values[from + i];
}

/** Length of the colour gradient per pixel: root of the summed squared central differences over the planes. */
export function gradientMagnitude(image: Planes, weights: readonly [number, number, number] = [1, 1, 1]): Float32Array {
  const { width, height } = image;
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - 1) * width;
    const down = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      const left = y * width + Math.max(0, x - 1);
      const right = y * width + Math.min(width - 1, x + 1);
      let sum = 0;
      for (let c = 0; c < 3; c++) {
        const plane = image.planes[c];
        const dx = plane[right] - plane[left];
        const dy = plane[down + x] - plane[up + x];
        sum += weights[c] * (dx * dx + dy * dy);
      }
      out[y * width + x] = Math.sqrt(sum) / 2;
    }
  }
  return out;
}
