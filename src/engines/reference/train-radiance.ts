/**
 * Losses and gradients of the radiance field for one batch (spec §2.7, §4): colour and distortion reach the field,
 * its appearance rows and the camera poses; the interlevel losses reach the proposal networks and, through the
 * positions of their samples, the poses, and only in steps that update the proposals (trap 16).
 */
import { poseGradients, poseRegulariser } from '../../ops/pose-refinement/pose-refinement.ts';
import type { TrainingBatch } from '../engine.ts';
import { shadeBackward } from './colour.ts';
import type { GeometryPass } from './forward-radiance.ts';
import { trainingShading } from './forward-radiance.ts';
import type { Model } from './model.ts';
import { colourLoss, distortionOfRound, interlevelOfRound } from './radiance-losses.ts';
import type { RayGradients } from './rounds.ts';
import { roundBackward } from './rounds.ts';
import type { Tensors } from './tensors.ts';
import { addGradient, tensorOf } from './tensors.ts';

export interface RadianceLosses {
  rgb: number;
  interlevel: number;
  distortion: number;
  /** With its two weights; 0 in a scene without pose refinement. */
  pose: number;
}

/** Adds the gradients of all radiance parameters that this step trains. */
export function trainRadiance(
  model: Model,
  tensors: Tensors,
  gradients: Tensors,
  batch: TrainingBatch,
  geometry: GeometryPass,
  updateProposals: boolean,
): RadianceLosses {
  const { rays, final } = geometry;
  const rayGradients: RayGradients = {
    gradOrigins: new Float64Array(rays.count * 3),
    gradDirections: new Float64Array(rays.count * 3),
  };
  const shading = trainingShading(model, tensors, batch, geometry);
  const colour = colourLoss(shading.rgb, batch.colours);
  const distortion = distortionOfRound(final);
  const shaded = shadeBackward(
    model,
    tensors,
    gradients,
    rays,
    batch.cameras,
    final,
    shading,
    colour.gradRgb,
    rayGradients,
  );
  const gradWeights = shaded.gradWeights.map((value, index) => value + distortion.gradWeights[index]);
  roundBackward(model, tensors, gradients, final, gradWeights, shaded.gradGeometry, rayGradients);
  const interlevel = trainProposals(model, tensors, gradients, geometry, rayGradients, updateProposals);
  const pose = trainPoses(model, tensors, gradients, batch, rayGradients);
  return { rgb: colour.loss, interlevel, distortion: distortion.loss, pose };
}

function trainProposals(
  model: Model,
  tensors: Tensors,
  gradients: Tensors,
  { rounds, final }: GeometryPass,
  rayGradients: RayGradients,
  updateProposals: boolean,
): number {
  let sum = 0;
  for (const round of rounds.slice(0, -1)) {
    const { loss, gradWeights } = interlevelOfRound(final, final.weights, round);
    sum += loss;
    if (updateProposals)
      roundBackward(model, tensors, gradients, round, gradWeights, new Float64Array(0), rayGradients);
  }
  return sum;
}

function trainPoses(
  { config }: Model,
  tensors: Tensors,
  gradients: Tensors,
  batch: TrainingBatch,
  { gradOrigins, gradDirections }: RayGradients,
): number {
  if (!config.radiance.poseRefinement) return 0;
  const poses = tensorOf(tensors, 'camera.pose');
  const { loss, gradPoses } = poseRegulariser(poses);
  poseGradients(poses, batch.cameras, batch.directions, gradOrigins, gradDirections, gradPoses);
  addGradient(gradients, 'camera.pose', gradPoses);
  return loss;
}
