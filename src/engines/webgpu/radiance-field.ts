/**
 * The radiance field on the GPU: the rounds of a batch, and its training step (spec §2.6, §2.7, §4). The reference is
 * `engines/reference/train-radiance.ts`. Nothing here is submitted; the engine does that.
 */
import { lossWeights, type SceneConfig } from '../../field/config.ts';
import { distortionLossKernel, interlevelLossKernel, squaredErrorKernel } from '../../ops/losses/losses.wgsl.ts';
import { poseBackwardKernel, refineRaysKernel } from '../../ops/pose-refinement/pose-refinement.wgsl.ts';
import type { Arena } from './arena.ts';
import type { BatchArrays } from './batch-arrays.ts';
import { ColourHead, colourNeeds, colourRequests, colourShape } from './colour-head.ts';
import { type LossRing, lossColumns } from './loss-ring.ts';
import type { ArrayRequests } from './memory-plan.ts';
import { refuseWide } from './narrow-perceptron.ts';
import type { ParameterStore, TensorArrays } from './parameter-store.ts';
import {
  describeRounds,
  type Placement,
  type RayGradientArrays,
  RayRound,
  roundNeeds,
  roundRequests,
} from './ray-round.ts';
import type { Recorder } from './recorder.ts';
import type { ScratchArrays, ScratchNeeds } from './scratch.ts';

export function radianceRequests(config: SceneConfig, rays: number): ArrayRequests {
  const gradient = { scalar: 'f32', length: rays * 3, purpose: 'activations' } as const;
  return {
    ...Object.assign({}, ...describeRounds(config).map((round) => roundRequests(round, rays))),
    ...colourRequests(config, rays),
    'rays.gradOrigins': gradient,
    'rays.gradDirections': gradient,
  };
}

export function radianceNeeds(config: SceneConfig, rays: number): Partial<ScratchNeeds>[] {
  return [...describeRounds(config).map((round) => roundNeeds(round, rays)), ...colourNeeds(config, rays)];
}

/** @throws LangfieldError for a scene whose networks are too wide for the kernels that train them */
export function refuseWideRadiance(config: SceneConfig): void {
  for (const { mlpName, network } of describeRounds(config)) refuseWide(mlpName, network);
  refuseWide('radiance.colour', colourShape(config));
}

export class RadianceField {
  readonly rounds: readonly RayRound[];
  readonly colour: ColourHead;
  readonly #config: SceneConfig;
  readonly #batch: BatchArrays;
  readonly #losses: LossRing;
  readonly #scratch: ScratchArrays;
  readonly #poses: TensorArrays | undefined;
  readonly #rayGradients: RayGradientArrays;

  constructor(
    arena: Arena,
    store: ParameterStore,
    config: SceneConfig,
    parts: { batch: BatchArrays; losses: LossRing; scratch: ScratchArrays },
  ) {
    const { averageInitDensity } = config.radiance;
    this.rounds = describeRounds(config).map((round) => new RayRound(arena, store, round, averageInitDensity));
    this.colour = new ColourHead(arena, store, config);
    this.#config = config;
    this.#batch = parts.batch;
    this.#losses = parts.losses;
    this.#scratch = parts.scratch;
    this.#poses = store.find('camera.pose');
    this.#rayGradients = {
      gradOrigins: arena.find('f32', 'rays.gradOrigins'),
      gradDirections: arena.find('f32', 'rays.gradDirections'),
    };
  }

  get final(): RayRound {
    return this.rounds[this.rounds.length - 1];
  }

  /** Refined rays and all rounds of the batch on the GPU. */
  evaluate(recorder: Recorder, count: number, anneal: number): void {
    const { rays, refined, cameras, jitter } = this.#batch;
    if (this.#poses)
      recorder.dispatch(refineRaysKernel, {
        params: { rays: count },
        buffers: {
          poses: this.#poses.values,
          cameras,
          ...rays,
          refinedOrigins: refined.origins,
          refinedDirections: refined.directions,
        },
      });
    const { near, far } = this.#config.radiance;
    const placement: Placement = { rays: refined, count, jitter, train: true, anneal, near, far };
    for (const [index, round] of this.rounds.entries())
      round.evaluate(recorder, placement, this.rounds[index - 1], index);
  }

  /** Losses and gradients after `evaluate`; proposals get gradients with `updateProposals` only (trap 16). */
  train(recorder: Recorder, count: number, updateProposals: boolean): void {
    const { refined, cameras } = this.#batch;
    const { gradOrigins, gradDirections } = this.#rayGradients;
    this.colour.shade(recorder, count, refined.directions, cameras, this.final);
    recorder.clear(gradOrigins).clear(gradDirections).clear(this.final.gradWeights);
    this.#colourLoss(recorder, count);
    this.#distortion(recorder, count);
    this.colour.backward(
      recorder,
      count,
      { directions: refined.directions, gradDirections },
      cameras,
      this.final,
      this.#scratch,
    );
    const rayGradients = this.#poses ? this.#rayGradients : undefined;
    const rays = { rays: refined, count };
    this.final.backward(recorder, rays, this.#scratch, rayGradients);
    for (const [index, round] of this.rounds.slice(0, -1).entries()) {
      this.#interlevel(recorder, count, round, index);
      if (updateProposals) round.backward(recorder, rays, this.#scratch, rayGradients);
    }
    this.#poseGradients(recorder, count);
  }

  #colourLoss(recorder: Recorder, rays: number): void {
    const { rgb, gradRgb } = this.colour.arrays;
    const { perRay } = this.#losses;
    recorder.dispatch(squaredErrorKernel, {
      params: { rays, channels: 3, gradFactor: 1 / (3 * rays) },
      buffers: { prediction: rgb, wanted: this.#batch.colours, losses: perRay, gradPrediction: gradRgb },
    });
    this.#losses.add(recorder, this.#losses.slot(lossColumns.rgb), perRay, rays, 1 / (3 * rays));
  }

  #distortion(recorder: Recorder, rays: number): void {
    const { samples, spacing, weights, gradWeights } = this.final;
    const { perRay } = this.#losses;
    recorder.dispatch(distortionLossKernel, {
      params: { rays, samples, gradFactor: lossWeights.distortion / rays },
      buffers: { edges: spacing, weights, losses: perRay, gradWeights },
    });
    this.#losses.add(recorder, this.#losses.slot(lossColumns.distortion), perRay, rays, 1 / rays);
  }

  #interlevel(recorder: Recorder, rays: number, proposal: RayRound, index: number): void {
    const { samples, spacing, weights } = this.final;
    const { perRay } = this.#losses;
    const mean = 1 / (rays * samples);
    recorder.dispatch(interlevelLossKernel, {
      params: { rays, samples, bins: proposal.samples, gradFactor: lossWeights.interlevel * mean },
      buffers: {
        edges: spacing,
        weights,
        proposalEdges: proposal.spacing,
        proposalWeights: proposal.weights,
        losses: perRay,
        gradProposalWeights: proposal.gradWeights,
      },
    });
    this.#losses.add(recorder, this.#losses.slot(lossColumns.interlevel + index), perRay, rays, mean);
  }

  #poseGradients(recorder: Recorder, rays: number): void {
    if (!this.#poses) return;
    const { perRay } = this.#losses;
    const { cameras } = this.#config;
    recorder.dispatch(poseBackwardKernel, {
      params: { rays, cameras },
      buffers: {
        poses: this.#poses.values,
        rayCameras: this.#batch.cameras,
        directions: this.#batch.rays.directions,
        ...this.#rayGradients,
        gradPoses: this.#poses.gradients,
        losses: perRay,
      },
    });
    this.#losses.add(recorder, this.#losses.slot(lossColumns.pose), perRay, cameras);
  }
}
