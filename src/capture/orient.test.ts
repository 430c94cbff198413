// Orientation, centring and scale against recorded nerfstudio numbers (float32): 2e-5 absolute.
import { describe, expect, it } from 'vitest';
import { hasShared, readVectors, type VectorFile } from '../../test/shared.ts';
import { rotationBetween } from '../math/matrices.ts';
import type { Pose } from '../math/poses.ts';
import type { Vector3 } from '../math/vectors.ts';
import { automaticScale, orientingTransform, scenePose } from './orient.ts';

const posesOf = (data: number[], size: number): Pose[] =>
  Array.from({ length: data.length / size }, (_, i) => Float64Array.from(data.slice(i * size, i * size + 12)));

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from({ length: b.length }, (_, i) => Math.abs(a[i] - b[i])));

describe.skipIf(!hasShared)('07-poses', () => {
  const arrays: VectorFile['arrays'] = hasShared ? readVectors('07-poses').arrays : {};

  for (const set of ['A', 'B', 'C', 'D']) {
    for (const orientation of ['up', 'vertical', 'none'] as const) {
      for (const centre of ['poses', 'focus', 'none'] as const) {
        it(`${set} ${orientation} ${centre}`, () => {
          const poses = posesOf(arrays[`${set}_poses`].data, 16);
          const name = `${set}_${orientation}_${centre}`;
          const transform = orientingTransform(poses, orientation, centre);
          expect(largestDifference(transform, arrays[`${name}_transform`].data)).toBeLessThan(2e-5);
          const oriented = poses.map((pose) => scenePose(transform, 1, pose));
          const scale = arrays[`${name}_scale`].data[0];
          expect(Math.abs(automaticScale(oriented) / scale - 1)).toBeLessThan(1e-5);
          const recorded = arrays[`${name}_oriented`];
          if (recorded === undefined) return;
          posesOf(recorded.data, 12).forEach((pose, i) => {
            expect(largestDifference(oriented[i], pose)).toBeLessThan(2e-5);
          });
        });
      }
    }
  }

  it('the rotation between two directions', () => {
    const row = (name: string, i: number) => arrays[name].data.slice(i * 3, i * 3 + 3) as Vector3;
    for (let i = 0; i < 6; i++) {
      const rotation = rotationBetween(row('rot_a', i), row('rot_b', i));
      expect(largestDifference(rotation, arrays['rot_between'].data.slice(i * 9, i * 9 + 9))).toBeLessThan(2e-5);
    }
  });
});

describe('degenerate camera sets', () => {
  const pose = (...values: number[]) => Float64Array.from(values);
  const level = pose(1, 0, 0, 0, 0, 0, -1, 0, 0, 1, 0, 0);

  it('cameras whose y axes cancel out keep their orientation', () => {
    const upsideDown = pose(-1, 0, 0, 0, 0, 0, -1, 0, 0, -1, 0, 0);
    const transform = orientingTransform([level, upsideDown], 'up', 'poses');
    expect([...transform]).toEqual([1, 0, 0, -0, 0, 1, 0, -0, 0, 0, 1, -0]);
  });

  it('cameras all at the origin have scale 1', () => {
    expect(automaticScale([level, level])).toBe(1);
  });

  it('parallel cameras have no focus, so their mean is the centre', () => {
    const moved = pose(1, 0, 0, 2, 0, 0, -1, 0, 0, 1, 0, 0);
    const transform = orientingTransform([level, moved], 'none', 'focus');
    expect([...transform].every(Number.isFinite)).toBe(true);
    expect(transform[3]).toBeCloseTo(-1, 12);
  });
});
