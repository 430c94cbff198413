/** Pose refinement of the CPU engine (spec §4.7): rays corrected before a step, poses updated after it. */
import { defaultBetas } from '../../ops/optimisers/optimisers.ts';
import { poseGradients, poseRegulariser, refineRays } from '../../ops/pose-refinement/pose-refinement.ts';
import type { TrainingBatch } from '../engine.ts';
import type { Kernels } from './kernels.ts';
import { findSegment, type ParameterLayout, type Segment } from './layout.ts';
import type { KernelMemory } from './memory.ts';
import type { EnginePlan, GroupUpdate } from './messages.ts';

export class PoseRefiner {
  private readonly memory: KernelMemory;
  private readonly kernels: Kernels;
  private readonly plan: EnginePlan;
  private readonly segment: Segment;

  constructor(memory: KernelMemory, kernels: Kernels, layout: ParameterLayout, plan: EnginePlan) {
    this.memory = memory;
    this.kernels = kernels;
    this.plan = plan;
    this.segment = findSegment(layout, 'camera.pose');
  }

  private view(array: number): Float32Array {
    return this.memory.floats(array + this.segment.offset * 4, this.segment.size);
  }

  /** Writes corrected rays; origins and directions have batch.count rows. */
  refine(batch: TrainingBatch, origins: Float32Array, directions: Float32Array): void {
    const cameras = batch.cameras.subarray(0, batch.count);
    refineRays(this.view(this.plan.parameters.values), cameras, batch.origins, batch.directions, origins, directions);
  }

  /** Adam on the poses from the ray gradients of the finished step; returns the regulariser. */
  update(batch: TrainingBatch, { rate, correction1, correction2 }: GroupUpdate): number {
    const { parameters, batch: buffers } = this.plan;
    const poses = this.view(parameters.values);
    const { loss, gradPoses } = poseRegulariser(poses);
    const floats = batch.count * 3;
    poseGradients(
      poses,
      batch.cameras.subarray(0, batch.count),
      batch.directions,
      this.memory.floats(buffers.gradOrigins, floats),
      this.memory.floats(buffers.gradDirections, floats),
      gradPoses,
    );
    this.view(parameters.gradients).set(gradPoses);
    const { beta1, beta2, epsilon } = defaultBetas;
    const at = this.segment.offset * 4;
    this.kernels.adamUpdate(
      0,
      this.segment.size,
      parameters.values + at,
      parameters.first + at,
      parameters.second + at,
      parameters.gradients + at,
      0,
      1,
      rate,
      beta1,
      beta2,
      correction1,
      correction2,
      epsilon,
    );
    return loss;
  }
}
