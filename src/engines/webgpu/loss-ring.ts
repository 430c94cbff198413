/**
 * Losses of the last steps, kept on the GPU until somebody asks: one row of sums per step, read back together, so that a
 * step does not wait for the one before.
 */
import type { SceneConfig } from '../../field/config.ts';
import { clipLossWeight } from '../../ops/language-rendering/language-rendering.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import { sumValuesKernel } from '../../ops/wgsl/sum-values.wgsl.ts';
import type { StepLosses, StepSettings, TrainingBatch } from '../engine.ts';
import type { Arena } from './arena.ts';
import type { ArrayRequests } from './memory-plan.ts';
import type { Recorder } from './recorder.ts';

/** Rows: steps that may pass before losses are read. */
export const ringSteps = 64;

/** Columns of a row. */
export const lossColumns = { rgb: 0, distortion: 1, pose: 2, interlevel: 3 } as const;
const languageColumns = { clip: 0, clipCount: 1, dino: 2, dinoCount: 3 } as const;
export type LanguageColumn = keyof typeof languageColumns;

/** What a step computes, which decides the columns of its row that mean something. */
interface ComputedTerms {
  radiance: boolean;
  pose: boolean;
  clip: boolean[];
  dino: boolean[];
}

const columnsOf = ({ radiance, languages }: SceneConfig): number =>
  lossColumns.interlevel + radiance.proposals.length + 4 * languages.length;

export function lossRequests(config: SceneConfig, rays: number): ArrayRequests {
  const floats = (length: number) => ({ scalar: 'f32', length, purpose: 'activations' }) as const;
  return {
    'losses.ring': floats(ringSteps * columnsOf(config)),
    'losses.perRay': floats(Math.max(rays, config.cameras)),
    'losses.counted': floats(rays),
  };
}

export class LossRing {
  readonly sums: GpuArray<'f32'>;
  /** [rays or cameras] a loss before it is summed, and [rays] which rays count. */
  readonly perRay: GpuArray<'f32'>;
  readonly counted: GpuArray<'f32'>;
  readonly #config: SceneConfig;
  readonly #columns: number;
  #unread: ComputedTerms[] = [];

  constructor(arena: Arena, config: SceneConfig) {
    this.#config = config;
    this.#columns = columnsOf(config);
    this.sums = arena.find('f32', 'losses.ring');
    this.perRay = arena.find('f32', 'losses.perRay');
    this.counted = arena.find('f32', 'losses.counted');
  }

  /** Steps whose losses were not read yet. */
  get unread(): number {
    return this.#unread.length;
  }

  /** Begins the row of a step; the ring must not be full. */
  begin(batch: TrainingBatch, { trainRadiance, trainLanguage }: StepSettings): void {
    if (this.unread >= ringSteps) throw new Error('the losses of too many steps are unread');
    const { radiance, languages } = this.#config;
    this.#unread.push({
      radiance: trainRadiance,
      pose: trainRadiance && radiance.poseRefinement,
      clip: languages.map((_, field) => trainLanguage && batch.languages[field] !== undefined),
      dino: languages.map(({ dinoDim }, field) => trainLanguage && dinoDim > 0 && !!batch.languages[field]?.dino),
    });
  }

  /** Place of a column of the current row in `sums`. */
  slot(column: number): number {
    return (this.#unread.length - 1) * this.#columns + column;
  }

  languageSlot(field: number, column: LanguageColumn): number {
    const first = lossColumns.interlevel + this.#config.radiance.proposals.length;
    return this.slot(first + 4 * field + languageColumns[column]);
  }

  /** sums[slot] = factor · Σ values[0 … length). */
  add(recorder: Recorder, slot: number, values: GpuArray<'f32'>, length: number, factor = 1): void {
    recorder.dispatch(sumValuesKernel, { params: { length, slot, factor }, buffers: { values, sums: this.sums } });
  }

  /** The losses of the unread steps, oldest first. */
  async read(recorder: Recorder): Promise<StepLosses[]> {
    const steps = this.#unread;
    this.#unread = [];
    if (steps.length === 0) return [];
    const sums = await recorder.download(this.sums);
    return steps.map((terms, step) => this.#rowOf(sums.subarray(step * this.#columns), terms));
  }

  #rowOf(row: Float32Array, { radiance, pose, clip, dino }: ComputedTerms): StepLosses {
    const proposals = this.#config.radiance.proposals.length;
    const first = lossColumns.interlevel + proposals;
    const mean = (field: number, sum: number, count: number) =>
      row[first + 4 * field + sum] / row[first + 4 * field + count];
    const computed = (value: number) => (radiance ? value : Number.NaN);
    const interlevel = row.subarray(lossColumns.interlevel, first).reduce((total, value) => total + value, 0);
    return {
      rgb: computed(row[lossColumns.rgb]),
      distortion: computed(row[lossColumns.distortion]),
      interlevel: computed(interlevel),
      pose: pose ? row[lossColumns.pose] : radiance ? 0 : Number.NaN,
      clip: clip.map((done, field) =>
        done ? clipLossWeight * mean(field, languageColumns.clip, languageColumns.clipCount) : Number.NaN,
      ),
      dino: dino.map((done, field) =>
        done ? mean(field, languageColumns.dino, languageColumns.dinoCount) : Number.NaN,
      ),
    };
  }
}
