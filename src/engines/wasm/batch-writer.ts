/** Copies a training batch into the engine's memory, rows padded as the kernels want them. */
import type { LanguageTargets, TrainingBatch } from '../engine.ts';
import { padTo4 } from './layout.ts';
import type { KernelMemory } from './memory.ts';
import type { EnginePlan, TrainCommand } from './messages.ts';
import type { PoseRefiner } from './pose-refiner.ts';

export class BatchWriter {
  private readonly memory: KernelMemory;
  private readonly plan: EnginePlan;
  private readonly capacity: number;

  constructor(memory: KernelMemory, plan: EnginePlan, capacity: number) {
    this.memory = memory;
    this.plan = plan;
    this.capacity = capacity;
  }

  /** Returns what the train command says about the language targets. */
  write(batch: TrainingBatch, withLanguage: boolean, poses: PoseRefiner | undefined): TrainCommand['languages'] {
    if (batch.count > this.capacity)
      throw new RangeError(`the engine was made for ${this.capacity} rays a step; the batch has ${batch.count}`);
    const { config, batch: to } = this.plan;
    if (withLanguage && batch.languages.length !== config.languages.length)
      throw new RangeError(
        `the scene has ${config.languages.length} language fields; the batch targets ${batch.languages.length}`,
      );
    const floats = batch.count * 3;
    this.memory.floats(to.colours, floats).set(batch.colours.subarray(0, floats));
    this.memory.floats(to.jitter, floats).set(batch.jitter.subarray(0, floats));
    this.memory.words(to.cameras, batch.count).set(batch.cameras.subarray(0, batch.count));
    const origins = this.memory.floats(to.origins, floats);
    const directions = this.memory.floats(to.directions, floats);
    if (poses) poses.refine(batch, origins, directions);
    else {
      origins.set(batch.origins.subarray(0, floats));
      directions.set(batch.directions.subarray(0, floats));
    }
    if (!withLanguage) return [];
    return batch.languages.map((targets, index) => this.writeTargets(targets, index, batch.count));
  }

  private writeTargets(targets: LanguageTargets, index: number, rays: number): TrainCommand['languages'][number] {
    const { clipDim, dinoDim } = this.plan.config.languages[index];
    const to = this.plan.batch.languages[index];
    this.memory.floats(to.scales, rays).set(targets.scales.subarray(0, rays));
    this.memory.bytes(to.valid, rays).set(targets.valid.subarray(0, rays));
    this.writeRows(targets.clip, rays, clipDim, to.clip);
    const dino = dinoDim > 0 && targets.dino !== undefined;
    if (dino && targets.dino) this.writeRows(targets.dino, rays, dinoDim, to.dino);
    return { heightOverFocal: targets.heightOverFocal, validRays: this.countValid(targets, rays, clipDim), dino };
  }

  private writeRows(rows: Float32Array, count: number, width: number, address: number): void {
    const padded = padTo4(width);
    const to = this.memory.floats(address, count * padded);
    if (padded === width) to.set(rows.subarray(0, count * width));
    else for (let r = 0; r < count; r++) to.set(rows.subarray(r * width, (r + 1) * width), r * padded);
  }

  /** Rays with a CLIP target that has no NaN in it: the loss is a mean over these. */
  private countValid({ valid, clip }: LanguageTargets, rays: number, clipDim: number): number {
    let count = 0;
    for (let r = 0; r < rays; r++) {
      if (valid[r] === 0) continue;
      let sum = 0;
      for (let c = r * clipDim; c < (r + 1) * clipDim; c++) sum += clip[c];
      if (!Number.isNaN(sum)) count++;
    }
    return count;
  }
}
