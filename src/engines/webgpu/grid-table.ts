/**
 * The table of a hash grid on a GPU, with gradient sums and both moments: as many arrays as its bindings need, whole
 * levels in each, behind one interface. It knows kernels and arrays; what a grid is for is its owner's business.
 */
import type { HashGridShape } from '../../ops/hash-grid/levels.ts';
import type { GridFeatures } from '../../ops/hash-grid/hash-grid.wgsl.ts';
import {
  encodeHashGridKernel,
  hashGridPositionBackwardKernel,
  hashGridTableBackwardKernel,
} from '../../ops/hash-grid/hash-grid.wgsl.ts';
import { levelWords, wordsPerLevel } from '../../ops/hash-grid/level-words.ts';
import type { GridPart } from '../../ops/hash-grid/split-levels.ts';
import { splitLevels } from '../../ops/hash-grid/split-levels.ts';
import type { RAdamSettings } from '../../ops/optimisers/optimisers.ts';
import { optimiserKernel, optimiserParams } from '../../ops/optimisers/optimisers.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import type { GradientSum } from '../../ops/wgsl/gradient-sum.wgsl.ts';
import type { Arena } from './arena.ts';
import { upload } from './arena.ts';
import type { OpenDevice } from './device.ts';
import type { ArrayRequests } from './memory-plan.ts';
import type { Recorder } from './recorder.ts';

export interface GridTableSettings {
  /** Prefix of its arrays in the memory plan: the parameter's name. */
  name: string;
  shape: HashGridShape;
  /** How gradients are summed; `gradientScale` counts for 'fixed' only. */
  sums: GradientSum;
  gradientScale: number;
  /** Points in a row whose gradients one invocation adds up before it touches the sums; 1 unless given. */
  run?: number;
  /** Largest array; the device's binding limit. */
  maxBytes: number;
}

/** Points of a dispatch. */
export interface GridPoints {
  count: number;
  /** [count, 3] in [0, 1] */
  positions: GpuArray<'f32'>;
  /** Row length and first column of the grid in encodings and their gradients; multiples of 4 (2 for 2 features). */
  stride: number;
  column: number;
}

interface PlacedPart extends GridPart {
  table: GpuArray<'f32'>;
  first: GpuArray<'f32'>;
  second: GpuArray<'f32'>;
  gradients: GpuArray<'u32'>;
  words: GpuArray<'u32'>;
}

export const tensorKinds = ['table', 'first', 'second'] as const;
export type TensorKind = (typeof tensorKinds)[number];

function featuresOf({ features }: HashGridShape): GridFeatures {
  if (features !== 2 && features !== 4 && features !== 8)
    throw new Error(`GPU kernels know 2, 4 and 8 features per level, not ${features}`);
  return features;
}

/** What the table needs of the memory plan. */
export function gridTableRequests({ name, shape, maxBytes }: GridTableSettings): ArrayRequests {
  const requests: ArrayRequests = {};
  for (const [index, { rows, levels }] of splitLevels(shape, maxBytes).entries()) {
    const length = rows * shape.features;
    requests[`${name}.${index}.table`] = { scalar: 'f32', length, purpose: 'parameters' };
    requests[`${name}.${index}.first`] = { scalar: 'f32', length, purpose: 'optimiser' };
    requests[`${name}.${index}.second`] = { scalar: 'f32', length, purpose: 'optimiser' };
    requests[`${name}.${index}.gradients`] = { scalar: 'u32', length, purpose: 'gradients' };
    requests[`${name}.${index}.words`] = {
      scalar: 'u32',
      length: levels.length * wordsPerLevel,
      purpose: 'parameters',
    };
  }
  return requests;
}

export class GridTable {
  readonly #opened: OpenDevice;
  readonly #settings: GridTableSettings;
  readonly #features: GridFeatures;
  readonly #parts: PlacedPart[];

  /** Finds its arrays in an arena whose plan had `gridTableRequests`. */
  constructor(opened: OpenDevice, arena: Arena, settings: GridTableSettings) {
    this.#opened = opened;
    this.#settings = settings;
    this.#features = featuresOf(settings.shape);
    this.#parts = splitLevels(settings.shape, settings.maxBytes).map((part, index) => {
      const floats = (kind: TensorKind) => arena.find('f32', `${settings.name}.${index}.${kind}`);
      const words = arena.find('u32', `${settings.name}.${index}.words`);
      upload(opened, words, levelWords(part.levels));
      const gradients = arena.find('u32', `${settings.name}.${index}.gradients`);
      return { ...part, table: floats('table'), first: floats('first'), second: floats('second'), gradients, words };
    });
  }

  /** Tables and level words, for kernels that look points up themselves. */
  get parts(): readonly (GridPart & { readonly table: GpuArray<'f32'>; readonly words: GpuArray<'u32'> })[] {
    return this.#parts;
  }

  /** encoded [count, stride], columns of the grid =. */
  encode(recorder: Recorder, points: GridPoints, encoded: GpuArray<'f32'>): void {
    for (const part of this.#parts)
      recorder.dispatch(encodeHashGridKernel(this.#features, 'f32'), {
        params: paramsOf(points, part),
        buffers: { positions: points.positions, table: part.table, levelWords: part.words, encoded },
      });
  }

  /** Adds to the gradient sums of the table. */
  addTableGradient(recorder: Recorder, points: GridPoints, gradEncoded: GpuArray<'f32'>): void {
    const { sums, gradientScale, run = 1 } = this.#settings;
    for (const part of this.#parts)
      recorder.dispatch(hashGridTableBackwardKernel(this.#features, sums, run), {
        params: { ...paramsOf(points, part), gradientScale },
        buffers: { positions: points.positions, gradEncoded, levelWords: part.words, gradTable: part.gradients },
      });
  }

  /** gradPositions [count, 3] +=. */
  addPositionGradient(
    recorder: Recorder,
    points: GridPoints,
    gradEncoded: GpuArray<'f32'>,
    gradPositions: GpuArray<'f32'>,
  ): void {
    const { positions } = points;
    for (const { table, words, ...part } of this.#parts)
      recorder.dispatch(hashGridPositionBackwardKernel(this.#features, 'f32'), {
        params: paramsOf(points, part),
        buffers: { positions, table, gradEncoded, levelWords: words, gradPositions },
      });
  }

  /** One step along the gradient sums, which are cleared; missing [1] += gradients that were not finite. */
  step(recorder: Recorder, rule: 'adam' | 'radam', settings: RAdamSettings, missing: GpuArray<'u32'>): void {
    const { sums, gradientScale } = this.#settings;
    for (const { table, first, second, gradients } of this.#parts)
      recorder.dispatch(optimiserKernel(rule, sums === 'fixed' ? 'fixed' : 'f32'), {
        params: optimiserParams(rule, table.length, settings, gradientScale),
        buffers: { gradients, first, second, parameters: table, missing },
      });
  }

  /** @param values [entries of all levels, features] of the table or a moment */
  write(kind: TensorKind, values: Float32Array): void {
    const { features } = this.#settings.shape;
    for (const part of this.#parts)
      upload(
        this.#opened,
        part[kind],
        values.subarray(part.firstRow * features, (part.firstRow + part.rows) * features),
      );
  }

  /** [entries of all levels, features] */
  async read(kind: TensorKind, recorder: Recorder): Promise<Float32Array> {
    const { features } = this.#settings.shape;
    const last = this.#parts[this.#parts.length - 1];
    const values = new Float32Array((last.firstRow + last.rows) * features);
    for (const part of this.#parts) values.set(await recorder.download(part[kind]), part.firstRow * features);
    return values;
  }
}

function paramsOf({ count, stride, column }: GridPoints, part: Pick<GridPart, 'levels' | 'column'>) {
  return { points: count, levels: part.levels.length, stride, column: column + part.column };
}
