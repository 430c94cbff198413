import { describe, expect, it } from 'vitest';
import {
  apply3,
  axisAngle,
  determinant3,
  identity3,
  inverse3,
  multiply3,
  nearestRotation,
  quaternionToRotation,
  rotationBetween,
  rotationToQuaternion,
  symmetricEigen3,
  transpose3,
} from './matrices.ts';
import { randomUniform } from './random.ts';
import { dot, normalise, scale, type Vector3 } from './vectors.ts';

const close = (expected: readonly number[], digits = 12) => expected.map((v) => expect.closeTo(v, digits));
const randomMatrix = (seed: number) => Array.from({ length: 9 }, (_, i) => 2 * randomUniform(seed, 9, i) - 1);

describe('3×3 matrices', () => {
  it('inverse', () => {
    for (let seed = 0; seed < 20; seed++) {
      const m = randomMatrix(seed);
      expect(multiply3(m, inverse3(m)!)).toEqual(close(identity3(), 8));
    }
    expect(inverse3([1, 2, 3, 2, 4, 6, 0, 0, 1])).toBeUndefined();
    expect(inverse3([Number.NaN, 0, 0, 0, 1, 0, 0, 0, 1])).toBeUndefined();
  });

  it('eigenvectors of a symmetric matrix, largest value first', () => {
    for (let seed = 0; seed < 20; seed++) {
      const x = randomMatrix(seed);
      const m = multiply3(transpose3(x), x);
      const { values, vectors } = symmetricEigen3(m);
      expect(values[0]).toBeGreaterThanOrEqual(values[1]);
      expect(values[1]).toBeGreaterThanOrEqual(values[2]);
      vectors.forEach((vector, i) => {
        expect(apply3(m, vector)).toEqual(close(scale(vector, values[i])));
        for (let j = 0; j < 3; j++) expect(dot(vector, vectors[j])).toBeCloseTo(i === j ? 1 : 0, 12);
      });
    }
  });

  it('the nearest rotation undoes a symmetric stretch and refuses mirrors', () => {
    const rotation = axisAngle(normalise([1, -2, 3]), 2);
    const stretched = multiply3(rotation, [1.1, 0.05, 0, 0.05, 0.9, -0.02, 0, -0.02, 1.3]);
    expect(nearestRotation(stretched)).toEqual(close(rotation));
    expect(nearestRotation(rotation.map((v) => -v))).toBeUndefined();
    expect(nearestRotation(new Array(9).fill(0))).toBeUndefined();
    expect(nearestRotation([...rotation.slice(0, 8), Number.NaN])).toBeUndefined();
  });

  it('the rotation between two directions, also opposite ones', () => {
    const pairs: [Vector3, Vector3][] = [
      [
        [1, 2, 3],
        [-2, 0.5, 1],
      ],
      [
        [0, 0, 2],
        [0, 0, 1],
      ],
      [
        [0, 0, -1],
        [0, 0, 1],
      ],
      [
        [-3, 0, 0],
        [1, 0, 0],
      ],
      [
        [0, 1, 0],
        [0, -1, 0],
      ],
    ];
    for (const [from, to] of pairs) {
      const rotation = rotationBetween(from, to);
      expect(apply3(rotation, normalise(from))).toEqual(close(normalise(to)));
      expect(multiply3(rotation, transpose3(rotation))).toEqual(close(identity3()));
      expect(determinant3(rotation)).toBeCloseTo(1, 12);
    }
  });

  it('quaternions agree with axis and angle, whatever their length', () => {
    const axis = normalise([0.3, -1, 0.2]);
    const [x, y, z] = scale(axis, 5 * Math.sin(0.35));
    expect(quaternionToRotation(5 * Math.cos(0.35), x, y, z)).toEqual(close(axisAngle(axis, 0.7)));
  });

  it('quaternions come back from their rotations, half turns included', () => {
    const axes = [...Array(20).keys()].map((seed) => normalise(randomMatrix(seed).slice(0, 3) as Vector3));
    for (const axis of [...axes, [1, 0, 0], [0, 1, 0], [0, 0, 1]] as Vector3[])
      for (const angle of [0, 1e-6, 0.7, 2.5, Math.PI, 4]) {
        const rotation = axisAngle(axis, angle);
        const quaternion = rotationToQuaternion(rotation);
        expect(Math.hypot(...quaternion)).toBeCloseTo(1, 9);
        expect(quaternionToRotation(...quaternion)).toEqual(close(rotation, 9));
      }
  });
});
