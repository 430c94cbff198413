/** Checks that a listed pose is a rotation and a position, and mends rotations that lost digits on their way. */
import { LangfieldError } from '../errors.ts';
import { determinant3, nearestRotation } from '../math/matrices.ts';
import { linearPart, type Pose, poseColumn, poseFrom } from '../math/poses.ts';

/** Entries may be off by this much without a word: text files with few digits, float32. */
const unremarkable = 1e-3;
/** Beyond this the matrix means something else (a scale, a shear, other conventions). */
const gross = 0.05;
/** Below this the matrix is left alone. */
const exact = 1e-6;

export interface CheckedPose {
  pose: Pose;
  /** The largest change of an entry, when it is worth a warning. */
  mended?: number;
}

/** @throws LangfieldError naming `file` and `field` for numbers that are not finite and matrices that do not rotate. */
export function checkPose(pose: Pose, file: string, field: string): CheckedPose {
  const bad = pose.find((value) => !Number.isFinite(value));
  if (bad !== undefined) {
    throw new LangfieldError({
      problem: 'the pose of this photo is not a number',
      file,
      field,
      found: String(bad),
      expected: 'finite numbers',
      advice: 'Remove the photo from the capture, or estimate its pose again',
    });
  }
  const matrix = linearPart(pose);
  const rotation = nearestRotation(matrix);
  const deviation = rotation ? Math.max(...rotation.map((value, i) => Math.abs(value - matrix[i]))) : Infinity;
  if (rotation === undefined || deviation > gross) {
    const determinant = determinant3(matrix);
    const mirrored = determinant < 0;
    throw new LangfieldError({
      problem: mirrored ? 'the pose of this photo is mirrored' : 'the pose of this photo is not a rotation',
      file,
      field,
      found: `determinant ${Number(determinant.toPrecision(4))}`,
      expected: 'a 3×3 rotation (determinant 1) and a position',
      advice: mirrored
        ? 'Write camera-to-world with x right, y up, z backwards'
        : 'Take scale and shear out of the matrix before writing it',
    });
  }
  if (deviation <= exact) return { pose };
  const clean = poseFrom(rotation, poseColumn(pose, 3));
  return deviation <= unremarkable ? { pose: clean } : { pose: clean, mended: deviation };
}
