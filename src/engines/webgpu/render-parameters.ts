/**
 * A scene's parameters on a GPU as rendering reads them: tensors by name, tables of grids in parts that a binding holds.
 * `RenderParameters` holds parameters for nothing but rendering; an engine that trains offers its own through
 * `SceneArrays`.
 */
import { LangfieldError } from '../../errors.ts';
import type { SceneConfig } from '../../field/config.ts';
import { describeParameters, type TensorMap } from '../../field/parameters.ts';
import { floatsToHalves, halvesToFloats } from '../../formats/half.ts';
import type { TableStorage } from '../../ops/hash-grid/hash-grid.wgsl.ts';
import { levelWords, wordsPerLevel } from '../../ops/hash-grid/level-words.ts';
import type { HashGridLevel, HashGridShape } from '../../ops/hash-grid/levels.ts';
import { splitLevels } from '../../ops/hash-grid/split-levels.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import { Arena, upload } from './arena.ts';
import type { OpenDevice } from './device.ts';
import type { ArrayRequests } from './memory-plan.ts';
import type { Recorder } from './recorder.ts';

/** The largest finite number of half precision. */
const largestHalf = 65504;

/** Whole levels of a grid. */
export interface GridPartArrays {
  readonly levels: readonly HashGridLevel[];
  /** First column of the part in the grid's encoding. */
  readonly column: number;
  /** [rows, features]; kernels take either type */
  readonly table: GpuArray<TableStorage>;
  /** [levels, 5] */
  readonly words: GpuArray<'u32'>;
}

export interface SceneArrays {
  readonly config: SceneConfig;
  /** undefined when the scene has no such parameter, as a bias that its rule leaves out. */
  tensor(name: string): GpuArray<'f32'> | undefined;
  /** Parts of a hash grid, by the name of its parameter. */
  grid(name: string): readonly GridPartArrays[];
}

export function requireTensor(scene: SceneArrays, name: string): GpuArray<'f32'> {
  const array = scene.tensor(name);
  if (!array) throw new Error(`the scene has no parameter "${name}" on the GPU`);
  return array;
}

/** The hash grids of a scene by the names of their parameters. */
export function sceneGrids({ radiance, languages }: SceneConfig): Map<string, HashGridShape> {
  return new Map<string, HashGridShape>([
    ...radiance.proposals.map(({ grid }, index) => [`proposal.${index}.grid`, grid] as const),
    ['radiance.grid', radiance.grid],
    ...languages.flatMap(({ name, grids }) =>
      grids.map((grid, index) => [`language.${name}.grid.${index}`, grid] as const),
    ),
  ]);
}

/** Type of the tables of an engine that only renders. */
const tableStorage = ({ paths }: OpenDevice): TableStorage => (paths.halfTables ? 'f16' : 'f32');

/** What parameters for nothing but rendering need of the memory plan. */
export function renderParameterRequests(opened: OpenDevice, config: SceneConfig): ArrayRequests {
  const grids = sceneGrids(config);
  const scalar = tableStorage(opened);
  const requests: ArrayRequests = {};
  for (const [name, shape] of grids)
    for (const [index, { rows, levels }] of splitLevels(shape, bindingLimit(opened)).entries()) {
      requests[`${name}.${index}.table`] = { scalar, length: rows * shape.features, purpose: 'parameters' };
      const length = levels.length * wordsPerLevel;
      requests[`${name}.${index}.words`] = { scalar: 'u32', length, purpose: 'parameters' };
    }
  for (const { name, size } of describeParameters(config))
    if (!grids.has(name)) requests[name] = { scalar: 'f32', length: size, purpose: 'parameters' };
  return requests;
}

const bindingLimit = ({ limits }: OpenDevice): number =>
  Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);

/** @throws LangfieldError when a number would become infinite */
function tableHalves(name: string, values: Float32Array): Uint16Array {
  const beyond = values.find((value) => Math.abs(value) > largestHalf);
  if (beyond !== undefined)
    throw new LangfieldError({
      problem: 'a hash grid holds a number that half precision does not reach',
      field: name,
      found: `${beyond}`,
      expected: `${largestHalf} or less`,
      advice: 'Use --precision f32',
    });
  return floatsToHalves(values);
}

export class RenderParameters implements SceneArrays {
  readonly config: SceneConfig;
  readonly #opened: OpenDevice;
  readonly #arena: Arena;
  readonly #grids: Map<string, (GridPartArrays & { firstRow: number; rows: number })[]>;

  private constructor(opened: OpenDevice, config: SceneConfig, arena: Arena) {
    this.#opened = opened;
    this.config = config;
    this.#arena = arena;
    this.#grids = new Map(
      Array.from(sceneGrids(config), ([name, shape]) => [
        name,
        splitLevels(shape, bindingLimit(opened)).map((part, index) => ({
          ...part,
          table: arena.find(tableStorage(opened), `${name}.${index}.table`),
          words: arena.find('u32', `${name}.${index}.words`),
        })),
      ]),
    );
    for (const part of Array.from(this.#grids.values()).flat()) upload(opened, part.words, levelWords(part.levels));
  }

  /**
   * @param parameters zeros where they are undefined
   * @param maxMemory bytes of all parameters together
   */
  static async create(
    opened: OpenDevice,
    config: SceneConfig,
    parameters: TensorMap | undefined,
    options: { maxMemory?: number } = {},
  ): Promise<RenderParameters> {
    const requests = renderParameterRequests(opened, config);
    const scene = new RenderParameters(opened, config, await Arena.allocate(opened, requests, options));
    if (parameters) scene.write(parameters);
    return scene;
  }

  /** Every parameter must be there. */
  write(parameters: TensorMap): void {
    for (const { name, shape, size } of describeParameters(this.config)) {
      const values = parameters.get(name);
      if (values?.length !== size) throw new Error(`parameter "${name}" has ${values?.length} numbers, not ${size}`);
      const parts = this.#grids.get(name);
      if (!parts) upload(this.#opened, this.#arena.find('f32', name), values);
      for (const { firstRow, rows, table } of parts ?? [])
        this.#writeTable(name, table, values.subarray(firstRow * shape[1], (firstRow + rows) * shape[1]));
    }
  }

  #writeTable(name: string, table: GpuArray<TableStorage>, values: Float32Array): void {
    if (table.scalar === 'f32') upload(this.#opened, table, values);
    else upload(this.#opened, table as GpuArray<'f16'>, tableHalves(name, values));
  }

  /** Tables in half precision come back as they were rounded. */
  async read(recorder: Recorder): Promise<TensorMap> {
    const tensors: TensorMap = new Map();
    for (const { name, shape, size } of describeParameters(this.config)) {
      const parts = this.#grids.get(name);
      const values = parts ? new Float32Array(size) : await recorder.download(this.#arena.find('f32', name));
      for (const { firstRow, table } of parts ?? []) {
        const read = await recorder.download(table);
        values.set(read instanceof Uint16Array ? halvesToFloats(read) : read, firstRow * shape[1]);
      }
      tensors.set(name, values);
    }
    return tensors;
  }

  tensor(name: string): GpuArray<'f32'> | undefined {
    return (this.#arena.arrays as Record<string, GpuArray<'f32'> | undefined>)[name];
  }

  grid(name: string): readonly GridPartArrays[] {
    const parts = this.#grids.get(name);
    if (!parts) throw new Error(`the scene has no hash grid "${name}"`);
    return parts;
  }

  get bytes(): number {
    return this.#arena.plan.totalBytes;
  }

  free(): void {
    this.#arena.free();
  }
}
