import { expect, it } from 'vitest';
import { encodePly } from '../formats/ply.ts';
import { pixelRay } from '../math/rays.ts';
import { viewCamera } from '../math/views.ts';
import { relevantPoints } from './point-cloud.ts';

/** Turned and moved, so that a forgotten pose shows. */
const pose = Float64Array.of(0, 0, 1, 5, 1, 0, 0, -2, 0, 1, 0, 3);
const camera = viewCamera(pose, 3, 2, 60);
const view = {
  rgb: Float32Array.from({ length: 18 }, (_, i) => i / 17),
  depth: Float32Array.of(1, 2, 3, 4, 5, 6),
  accumulation: Float32Array.of(1, 1, 0.2, 1, 1, 1),
};
const relevancy = Float32Array.of(0.4, 0.9, 0.95, 0.5, 0.7, 0.1);

/** Reads what a header says, as any reader of PLY would. */
function readPly(bytes: Uint8Array) {
  const end = new TextDecoder('latin1').decode(bytes).indexOf('end_header\n') + 'end_header\n'.length;
  const lines = new TextDecoder().decode(bytes.subarray(0, end)).trim().split('\n');
  const properties = lines.filter((line) => line.startsWith('property')).map((line) => line.split(' ').slice(1));
  const count = Number(lines.find((line) => line.startsWith('element vertex'))!.split(' ')[2]);
  const data = new DataView(bytes.buffer, bytes.byteOffset + end);
  let at = 0;
  const points = Array.from({ length: count }, () => {
    const point: Record<string, number> = {};
    for (const [type, name] of properties) {
      point[name] = type === 'float' ? data.getFloat32(at, true) : data.getUint8(at);
      at += type === 'float' ? 4 : 1;
    }
    return point;
  });
  return { lines, points, rest: data.byteLength - at };
}

it('saves the pixels above the threshold, where they are in the scene', () => {
  const bytes = encodePly(relevantPoints(camera, view, relevancy, 0.5), ['frame: scene\nof the run']);
  const { lines, points, rest } = readPly(bytes);
  expect(lines.slice(0, 3)).toEqual(['ply', 'format binary_little_endian 1.0', 'comment frame: scene of the run']);
  expect(rest).toBe(0);
  // Pixel 2 is relevant, but nothing is there; pixel 3 only reaches the threshold.
  expect(points.map((point) => point.relevancy)).toEqual([Math.fround(0.9), Math.fround(0.7)]);
  for (const [i, pixel] of [1, 4].entries()) {
    const { origin, direction } = pixelRay(camera, Math.floor(pixel / 3), pixel % 3);
    ['x', 'y', 'z'].forEach((name, axis) => {
      expect(points[i][name]).toBeCloseTo(origin[axis] + view.depth[pixel] * direction[axis], 5);
    });
    ['red', 'green', 'blue'].forEach((name, c) => {
      expect(points[i][name]).toBe(Math.round((255 * (3 * pixel + c)) / 17));
    });
  }
});

it('is a cloud without points where nothing exceeds the threshold', () => {
  expect(readPly(encodePly(relevantPoints(camera, view, relevancy, 0.99))).points).toEqual([]);
});
