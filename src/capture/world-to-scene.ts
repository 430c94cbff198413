/** The map from the world in which the cameras were first estimated to the scene frame (spec §4.9, step 6). */
import type { Capture } from './capture.ts';
import type { CaptureListing } from './listing.ts';
import { composePoses, type Pose } from '../math/poses.ts';

/**
 * `transform` and `scale` take the capture's own world to the scene. When the capture was itself made by
 * world' = appliedScale · (applied · world), both are joined:
 *   scale · T · (appliedScale · A · x) = scale · appliedScale · (R·A·x + t / appliedScale).
 * nerfstudio leaves the translation undivided, which misplaces geometry when appliedScale is not 1.
 */
export function worldToScene(
  transform: Pose,
  scale: number,
  applied: CaptureListing['applied'],
): Capture['worldToScene'] {
  if (applied === undefined) return { transform, scale };
  const shrunk = new Float64Array(transform);
  for (const i of [3, 7, 11]) shrunk[i] /= applied.scale;
  return { transform: composePoses(shrunk, applied.transform), scale: scale * applied.scale };
}
