/**
 * All parameters of a scene on a GPU with gradient sums and moments, by their names in the checkpoint: hash grids as
 * `GridTable`s, everything else as plain arrays. Reads and writes whole sets, and steps groups.
 */
import type { HashGridConfig, SceneConfig } from '../../field/config.ts';
import type { ParameterGroup, ParameterInfo, TensorMap } from '../../field/parameters.ts';
import { describeParameters } from '../../field/parameters.ts';
import { defaultBetas } from '../../ops/optimisers/optimisers.ts';
import { optimiserKernel, optimiserParams } from '../../ops/optimisers/optimisers.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import type { GradientSum } from '../../ops/wgsl/gradient-sum.wgsl.ts';
import type { Arena } from './arena.ts';
import { upload } from './arena.ts';
import type { OpenDevice } from './device.ts';
import { GridTable, type GridTableSettings, gridTableRequests, type TensorKind } from './grid-table.ts';
import type { ArrayRequests } from './memory-plan.ts';
import type { Recorder } from './recorder.ts';

/** RAdam's coupled weight decay of the language group (spec §1.9). */
const languageWeightDecay = 1e-9;

/** A parameter that is no grid. */
export interface TensorArrays {
  info: ParameterInfo;
  values: GpuArray<'f32'>;
  gradients: GpuArray<'f32'>;
  first: GpuArray<'f32'>;
  second: GpuArray<'f32'>;
}

/** Weight [inputs, outputs] and bias of a linear layer. */
export interface LayerArrays {
  inputs: number;
  outputs: number;
  weight: TensorArrays;
  bias?: TensorArrays;
}

/** The grids of a scene by the name of their table. */
function gridsByName({ radiance, languages }: SceneConfig): Map<string, HashGridConfig> {
  const grids = new Map([['radiance.grid', radiance.grid]]);
  for (const [index, { grid }] of radiance.proposals.entries()) grids.set(`proposal.${index}.grid`, grid);
  for (const language of languages)
    for (const [index, grid] of language.grids.entries()) grids.set(`language.${language.name}.grid.${index}`, grid);
  return grids;
}

/** How the gradients of hash grids are summed. */
export interface GridGradients {
  /** Float sums need no range that fits both a language loss of hundreds and a colour loss of thousandths. */
  sums: GradientSum;
  /** Points in a row that one invocation adds up first. */
  run: number;
}

export const defaultGridGradients: GridGradients = { sums: 'exchange', run: 8 };

/** Steps per unit of fixed-point sums: ranges of ±1/64 and ±8, the first what half precision leaves the original. */
const fixedScales = { radiance: 2 ** 37, language: 2 ** 28 } as const;

function tableSettings(
  name: string,
  shape: HashGridConfig,
  { limits }: OpenDevice,
  { sums, run }: GridGradients,
): GridTableSettings {
  const maxBytes = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const gradientScale = fixedScales[name.startsWith('language.') ? 'language' : 'radiance'];
  return { name, shape, sums, gradientScale, run, maxBytes };
}

/** What the parameters need of the memory plan. */
export function parameterRequests(
  config: SceneConfig,
  opened: OpenDevice,
  gradients: GridGradients = defaultGridGradients,
): ArrayRequests {
  const grids = gridsByName(config);
  const requests: ArrayRequests = { 'optimiser.missing': { scalar: 'u32', length: 1, purpose: 'optimiser' } };
  for (const { name, size: length } of describeParameters(config)) {
    const grid = grids.get(name);
    if (grid) Object.assign(requests, gridTableRequests(tableSettings(name, grid, opened, gradients)));
    else {
      requests[`${name}.values`] = { scalar: 'f32', length, purpose: 'parameters' };
      requests[`${name}.gradients`] = { scalar: 'f32', length, purpose: 'gradients' };
      requests[`${name}.first`] = { scalar: 'f32', length, purpose: 'optimiser' };
      requests[`${name}.second`] = { scalar: 'f32', length, purpose: 'optimiser' };
    }
  }
  return requests;
}

/** The optimiser looks at the bits of a gradient. */
const asBits = (array: GpuArray<'f32'>): GpuArray<'u32'> => ({ ...array, scalar: 'u32' });

export class ParameterStore {
  readonly #opened: OpenDevice;
  readonly #infos: ParameterInfo[];
  readonly #grids = new Map<string, GridTable>();
  readonly #tensors = new Map<string, TensorArrays>();
  readonly #missing: GpuArray<'u32'>;

  /** Finds its arrays in an arena whose plan had `parameterRequests`. */
  constructor(opened: OpenDevice, arena: Arena, config: SceneConfig, gradients: GridGradients = defaultGridGradients) {
    this.#opened = opened;
    this.#infos = describeParameters(config);
    this.#missing = arena.find('u32', 'optimiser.missing');
    const grids = gridsByName(config);
    for (const info of this.#infos) {
      const { name } = info;
      const grid = grids.get(name);
      const floats = (kind: string) => arena.find('f32', `${name}.${kind}`);
      if (grid) this.#grids.set(name, new GridTable(opened, arena, tableSettings(name, grid, opened, gradients)));
      else
        this.#tensors.set(name, {
          info,
          values: floats('values'),
          gradients: floats('gradients'),
          first: floats('first'),
          second: floats('second'),
        });
    }
  }

  grid(name: string): GridTable {
    const grid = this.#grids.get(name);
    if (!grid) throw new Error(`the scene has no grid "${name}"`);
    return grid;
  }

  /** undefined when the scene has no such parameter. */
  find(name: string): TensorArrays | undefined {
    return this.#tensors.get(name);
  }

  /** The layers `<prefix>.0`, `<prefix>.1`, … */
  layers(prefix: string): LayerArrays[] {
    const layers: LayerArrays[] = [];
    for (;;) {
      const name = `${prefix}.${layers.length}`;
      const weight = this.#tensors.get(`${name}.weight`);
      if (!weight) return layers;
      const [inputs, outputs] = weight.info.shape;
      layers.push({ inputs, outputs, weight, bias: this.#tensors.get(`${name}.bias`) });
    }
  }

  /**
   * One step of the parameters of a group along their gradients, which are cleared.
   * @param step number of this update of the group, from 1
   */
  step(recorder: Recorder, group: ParameterGroup, { rate, step }: { rate: number; step: number }): void {
    const rule = group === 'language' ? 'radam' : 'adam';
    for (const info of this.#infos) {
      if (info.group !== group) continue;
      const weightDecay = group === 'language' ? languageWeightDecay : 0;
      const settings = { ...defaultBetas, rate: rate * info.rateFactor, step, weightDecay };
      const grid = this.#grids.get(info.name);
      if (grid) grid.step(recorder, rule, settings, this.#missing);
      else this.#stepTensor(recorder, rule, settings, this.#tensors.get(info.name)!);
    }
  }

  #stepTensor(
    recorder: Recorder,
    rule: 'adam' | 'radam',
    settings: Parameters<typeof optimiserParams>[2],
    { values, gradients, first, second, info }: TensorArrays,
  ): void {
    recorder.dispatch(optimiserKernel(rule, 'f32'), {
      params: optimiserParams(rule, info.size, settings),
      buffers: { gradients: asBits(gradients), first, second, parameters: values, missing: this.#missing },
    });
  }

  /** Every parameter must be present with its exact length. */
  write(kind: TensorKind, tensors: TensorMap): void {
    for (const { name, size } of this.#infos) {
      const values = tensors.get(name);
      if (values?.length !== size)
        throw new RangeError(`parameter ${name} has ${values?.length ?? 'no'} elements; expected ${size}`);
    }
    for (const { name } of this.#infos) {
      const grid = this.#grids.get(name);
      if (grid) grid.write(kind, tensors.get(name)!);
      else upload(this.#opened, this.#arrayOf(name, kind), tensors.get(name)!);
    }
  }

  async read(kind: TensorKind, recorder: Recorder): Promise<TensorMap> {
    const tensors: TensorMap = new Map();
    for (const { name } of this.#infos) {
      const grid = this.#grids.get(name);
      tensors.set(name, grid ? await grid.read(kind, recorder) : await recorder.download(this.#arrayOf(name, kind)));
    }
    return tensors;
  }

  #arrayOf(name: string, kind: TensorKind): GpuArray<'f32'> {
    return this.#tensors.get(name)![kind === 'table' ? 'values' : kind];
  }
}
