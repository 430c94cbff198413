/**
 * The radiance field's forward pass of a training batch: pose refinement (spec §4.7), the rounds with their jitter,
 * and, where colours are wanted, shading. With frozen geometry the rays keep the poses as they were trained.
 */
import { refineRays } from '../../ops/pose-refinement/pose-refinement.ts';
import type { TrainingBatch } from '../engine.ts';
import type { Shading } from './colour.ts';
import { cameraAppearance, shade } from './colour.ts';
import type { Model } from './model.ts';
import type { Placement, Rays, Round } from './rounds.ts';
import { evaluateRounds, samplerPlacement, trainingRange } from './rounds.ts';
import type { Tensors } from './tensors.ts';
import { tensorOf } from './tensors.ts';

export interface GeometryPass {
  /** After pose refinement. */
  rays: Rays;
  /** Proposal networks, then the radiance field. */
  rounds: Round[];
  final: Round;
}

/** The batch's rays, moved by their cameras' poses where the scene has any. */
export function refinedRays({ config }: Model, tensors: Tensors, batch: TrainingBatch): Rays {
  const rays: Rays = {
    count: batch.count,
    origins: Float64Array.from(batch.origins),
    directions: Float64Array.from(batch.directions),
  };
  if (config.radiance.poseRefinement)
    refineRays(
      tensorOf(tensors, 'camera.pose'),
      batch.cameras,
      batch.origins,
      batch.directions,
      rays.origins,
      rays.directions,
    );
  return rays;
}

/** @param placement where samples lie; by default the samplers with the batch's jitter and the step's anneal */
export function trainingGeometry(
  model: Model,
  tensors: Tensors,
  batch: TrainingBatch,
  anneal: number,
  placement: Placement = samplerPlacement(model.parity.withoutJitter ? null : batch.jitter, anneal),
): GeometryPass {
  const rays = refinedRays(model, tensors, batch);
  const rounds = evaluateRounds(model, tensors, rays, trainingRange(model.config), placement);
  return { rays, rounds, final: rounds[rounds.length - 1] };
}

export function trainingShading(
  model: Model,
  tensors: Tensors,
  batch: TrainingBatch,
  { rays, final }: GeometryPass,
): Shading {
  return shade(model, tensors, rays, final, cameraAppearance(model, tensors, batch.cameras));
}
