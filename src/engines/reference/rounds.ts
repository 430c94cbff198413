/**
 * The rounds of a ray (spec §4.3, §4.4): each proposal network, then the radiance field's density network, evaluated
 * where the round before put the samples. A round's edges are constants for the gradient; its points are not, they
 * move with the ray.
 */
import type { SceneConfig } from '../../field/config.ts';
import {
  euclideanEdges,
  initialEdges,
  resampleEdges,
  samplePoints,
  samplePointsBackward,
} from '../../ops/ray-sampling/ray-sampling.ts';
import { compositeWeights, compositeWeightsBackward } from '../../ops/volume-rendering/volume-rendering.ts';
import type { DensityEvaluation, DensityNetwork } from './density.ts';
import { evaluateDensity, evaluateDensityBackward, proposalNetwork, radianceNetwork } from './density.ts';
import type { Model } from './model.ts';
import type { Tensors } from './tensors.ts';

export interface Rays {
  count: number;
  /** [rays, 3] scene frame */
  origins: Float64Array;
  directions: Float64Array;
}

export interface Round {
  network: DensityNetwork;
  /** Samples per ray. */
  samples: number;
  /** [rays, samples + 1] spacing edges in [0, 1] */
  spacing: Float64Array;
  /** [rays, samples + 1] distances along the ray */
  distances: Float64Array;
  /** Of [rays, samples] points. */
  evaluation: DensityEvaluation;
  /** [rays, samples] */
  weights: Float64Array;
}

/** Cotangents of rays, [rays, 3] each; backward functions add to them. */
export interface RayGradients {
  gradOrigins: Float64Array;
  gradDirections: Float64Array;
}

/** Spacing edges [samples + 1] of a ray in round `round`; `previous` is the round before, absent in the first. */
export type Placement = (round: number, ray: number, samples: number, previous: Round | undefined) => Float64Array;

/** Row `index` of an array of rows of `width`. */
export const rowOf = (values: Float64Array, index: number, width: number): Float64Array =>
  values.subarray(index * width, (index + 1) * width);

/**
 * The samplers of spec §4.3 and §4.4.
 * @param jitter [rays, 3] of the batch; null = evaluation
 * @param anneal exponent on the weights
 */
export function samplerPlacement(jitter: Float32Array | null, anneal: number): Placement {
  return (round, ray, samples, previous) => {
    const draw = jitter ? jitter[ray * 3 + round] : null;
    if (!previous) return initialEdges(samples, draw);
    const edges = rowOf(previous.spacing, ray, previous.samples + 1);
    return resampleEdges(rowOf(previous.weights, ray, previous.samples), edges, samples, anneal, draw);
  };
}

/** Distances of the near and far planes (scene units). */
export interface Range {
  near: number;
  far: number;
}

export const trainingRange = ({ radiance: { near, far } }: SceneConfig): Range => ({ near, far });
/** Queries and pictures start at the camera (spec §4.3). */
export const evaluationRange = ({ radiance: { far } }: SceneConfig): Range => ({ near: 0, far });

function evaluateRound(
  model: Model,
  tensors: Tensors,
  rays: Rays,
  range: Range,
  network: DensityNetwork,
  samples: number,
  edgesOf: (ray: number) => Float64Array,
): Round {
  const spacing = new Float64Array(rays.count * (samples + 1));
  const distances = new Float64Array(rays.count * (samples + 1));
  const points = new Float64Array(rays.count * samples * 3);
  for (let ray = 0; ray < rays.count; ray++) {
    const edges = edgesOf(ray);
    const euclid = euclideanEdges(edges, range.near, range.far);
    spacing.set(edges, ray * (samples + 1));
    distances.set(euclid, ray * (samples + 1));
    points.set(samplePoints(rowOf(rays.origins, ray, 3), rowOf(rays.directions, ray, 3), euclid), ray * samples * 3);
  }
  const evaluation = evaluateDensity(model, tensors, network, points);
  const weights = new Float64Array(rays.count * samples);
  for (let ray = 0; ray < rays.count; ray++)
    weights.set(
      compositeWeights(rowOf(evaluation.density, ray, samples), rowOf(distances, ray, samples + 1)),
      ray * samples,
    );
  return { network, samples, spacing, distances, evaluation, weights };
}

/** All rounds, the radiance field's last. */
export function evaluateRounds(
  model: Model,
  tensors: Tensors,
  rays: Rays,
  range: Range,
  placement: Placement,
): Round[] {
  const { proposals, samples } = model.config.radiance;
  const plan = proposals.map((proposal, index) => ({
    network: proposalNetwork(model, index),
    samples: proposal.samples,
  }));
  plan.push({ network: radianceNetwork(model), samples });
  const rounds: Round[] = [];
  plan.forEach((step, index) => {
    const edgesOf = (ray: number) => placement(index, ray, step.samples, rounds[index - 1]);
    rounds.push(evaluateRound(model, tensors, rays, range, step.network, step.samples, edgesOf));
  });
  return rounds;
}

/**
 * Backward of one round: adds the parameter gradients of its network and the cotangents of the rays.
 * @param gradWeights [rays, samples]
 * @param gradGeometry [rays, samples, geometryFeatures]
 */
export function roundBackward(
  model: Model,
  tensors: Tensors,
  gradients: Tensors,
  round: Round,
  gradWeights: Float64Array,
  gradGeometry: Float64Array,
  { gradOrigins, gradDirections }: RayGradients,
): void {
  const { network, samples, distances, evaluation } = round;
  const rays = gradWeights.length / samples;
  const gradDensity = new Float64Array(gradWeights.length);
  for (let ray = 0; ray < rays; ray++) {
    const euclid = rowOf(distances, ray, samples + 1);
    const density = rowOf(evaluation.density, ray, samples);
    gradDensity.set(compositeWeightsBackward(density, euclid, rowOf(gradWeights, ray, samples)), ray * samples);
  }
  const gradPoints = evaluateDensityBackward(model, tensors, gradients, network, evaluation, gradDensity, gradGeometry);
  for (let ray = 0; ray < rays; ray++) {
    const euclid = rowOf(distances, ray, samples + 1);
    const { gradOrigin, gradDirection } = samplePointsBackward(euclid, rowOf(gradPoints, ray, samples * 3));
    for (let axis = 0; axis < 3; axis++) {
      gradOrigins[ray * 3 + axis] += gradOrigin[axis];
      gradDirections[ray * 3 + axis] += gradDirection[axis];
    }
  }
}
