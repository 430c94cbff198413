/**
 * Faster ways through which an engine sends its work where the adapter has them – sums by subgroup operations, hash-grid
 * tables in half precision – and their verification when an engine is made: a small fixed case per family of kernels, on
 * this device, against the same case in plain float32. A way that disagrees, or whose kernels do not compile, stays off,
 * and the engine's summary says so.
 */
import { LangfieldError } from '../../errors.ts';
import { floatsToHalves, halvesToFloats } from '../../formats/half.ts';
import { randomNormal, randomUniform } from '../../math/random.ts';
import { encodeHashGridKernel, type GridFeatures, type TableStorage } from '../../ops/hash-grid/hash-grid.wgsl.ts';
import { levelWords } from '../../ops/hash-grid/level-words.ts';
import { hashGridLevels } from '../../ops/hash-grid/levels.ts';
import { densityNetworkKernel } from '../../ops/radiance-rendering/density-network.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import { checkSumsKernel } from '../../ops/wgsl/check-sums.wgsl.ts';
import { type SumMethod, sumGroup } from '../../ops/wgsl/workgroup-sums.wgsl.ts';
import { Arena, upload } from './arena.ts';
import type { OpenDevice } from './device.ts';
import { type ArrayRequest, describePlan, type MemoryPlan } from './memory-plan.ts';
import { Recorder } from './recorder.ts';

/** 'auto': what the adapter has and what agrees; 'on': the same, but an error where it is not so; 'off': never. */
export type Wanted = 'auto' | 'on' | 'off';

/** What a user asks for of hash-grid tables while rendering. */
export const precisions = ['auto', 'f32', 'f16'] as const;
export type Precision = (typeof precisions)[number];
export const wantedHalves: Record<Precision, Wanted> = { auto: 'auto', f32: 'off', f16: 'on' };

export interface FastPathOptions {
  subgroups?: Wanted;
  halfTables?: Wanted;
}

/**
 * Largest relative L2 difference between two ways to compute the same from the same numbers, halves included: the table
 * is rounded before either reads it, and sums are float32 both ways. 64 additions in another order differ by at most
 * 64 · 2⁻²⁴ = 4e-6 where nothing cancels. Wrong lanes or wrong bits are off by a tenth or more.
 */
export const agreement = 1e-5;

const randomStream = 77;
const normals = (length: number, counter: number) =>
  Float32Array.from({ length }, (_, i) => randomNormal(1, randomStream, counter, i));

const floats = (length: number): ArrayRequest<'f32'> => ({ scalar: 'f32', length, purpose: 'activations' });

/** Runs `work` with arrays that are freed afterwards. */
async function withArrays<R extends Record<string, ArrayRequest>, T>(
  opened: OpenDevice,
  requests: R,
  work: (arrays: Arena<R>['arrays']) => Promise<T>,
): Promise<T> {
  const arena = await Arena.allocate(opened, requests);
  try {
    return await work(arena.arrays);
  } finally {
    arena.free();
  }
}

/** Sums of two workgroups: of common numbers, and of ones before a number that swallows them. */
function sums(opened: OpenDevice, method: SumMethod): Promise<Float32Array> {
  const groups = 2;
  const last = 2 * sumGroup - 1;
  const given = normals(groups * sumGroup * 4, 0).map((v, i) => {
    const lane = Math.floor(i / 4);
    return lane < sumGroup ? Math.abs(v) : lane === last ? 1e9 : 1;
  });
  const [values, results] = [floats(given.length), floats(groups * sumGroup * 6)];
  return withArrays(opened, { values, results }, (arrays) => {
    upload(opened, arrays.values, given);
    const recorder = new Recorder(opened, { sums: method });
    return recorder.dispatch(checkSumsKernel, { params: { groups }, buffers: arrays }).download(arrays.results);
  });
}

/** A small grid with a level in rows and a hashed one, read at 64 points. */
const gridCase = (features: GridFeatures) => {
  const levels = hashGridLevels({ levels: 2, features, log2Entries: 10, baseResolution: 4, maxResolution: 64 });
  const entries = levels.reduce((sum, { entries: rows }) => sum + rows, 0);
  const halves = floatsToHalves(normals(entries * features, features));
  return { points: 64, levels: 2, features, words: levelWords(levels), halves };
};
type GridCase = ReturnType<typeof gridCase>;

function placeTable(opened: OpenDevice, array: GpuArray<TableStorage>, { halves }: GridCase): void {
  if (array.scalar === 'f16') upload(opened, array as GpuArray<'f16'>, halves);
  else upload(opened, array as GpuArray<'f32'>, halvesToFloats(halves));
}

const gridRequests = ({ words, halves }: GridCase, scalar: TableStorage) => ({
  table: { scalar, length: halves.length, purpose: 'parameters' } satisfies ArrayRequest as ArrayRequest<TableStorage>,
  levelWords: { scalar: 'u32', length: words.length, purpose: 'parameters' } as ArrayRequest<'u32'>,
});

const uniforms = (length: number) => Float32Array.from({ length }, (_, i) => randomUniform(2, randomStream, i));

function encoded(opened: OpenDevice, given: GridCase, storage: TableStorage): Promise<Float32Array> {
  const { points, levels, features } = given;
  const stride = levels * features;
  const requests = {
    ...gridRequests(given, storage),
    positions: floats(3 * points),
    encoded: floats(points * stride),
  };
  return withArrays(opened, requests, (arrays) => {
    placeTable(opened, arrays.table, given);
    upload(opened, arrays.levelWords, given.words);
    upload(opened, arrays.positions, uniforms(3 * points));
    return new Recorder(opened)
      .dispatch(encodeHashGridKernel(features, storage), {
        params: { points, levels, stride, column: 0 },
        buffers: arrays,
      })
      .download(arrays.encoded);
  });
}

function densities(opened: OpenDevice, given: GridCase, storage: TableStorage): Promise<Float32Array> {
  const { points, levels } = given;
  const hidden = 4;
  const requests = {
    ...gridRequests(given, storage),
    places: floats(4 * points),
    weight0: floats(levels * given.features * hidden),
    weight1: floats(hidden),
    bias0: floats(4),
    density: floats(points),
    outputs: floats(4),
  };
  return withArrays(opened, requests, (arrays) => {
    placeTable(opened, arrays.table, given);
    upload(opened, arrays.levelWords, given.words);
    upload(opened, arrays.places, uniforms(4 * points));
    upload(opened, arrays.weight0, normals(arrays.weight0.length, 9));
    upload(opened, arrays.weight1, normals(arrays.weight1.length, 10));
    return new Recorder(opened)
      .dispatch(densityNetworkKernel(levels, given.features, hidden, 1, false, storage), {
        params: { points, initialDensity: 1 },
        buffers: arrays,
      })
      .download(arrays.density);
  });
}

/** Largest relative L2 of rows; infinite where a number is missing. */
function difference({ fast, plain, row = plain.length }: Outcome): number {
  const square = (values: Float32Array) => values.reduce((sum, v) => sum + v * v, 0);
  let largest = 0;
  for (let at = 0; at < plain.length; at += row) {
    const wanted = plain.subarray(at, at + row);
    const apart = Math.sqrt(square(fast.subarray(at, at + row).map((v, i) => v - wanted[i])) / square(wanted));
    largest = Math.max(largest, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
  }
  return largest;
}

/** A case computed both ways. */
interface Outcome {
  fast: Float32Array;
  plain: Float32Array;
  /** Numbers of a row that is compared by itself; all unless given. */
  row?: number;
}

/** A way and the cases that speak for it. */
interface Candidate {
  path: 'subgroupSums' | 'halfTables';
  name: string;
  feature: 'subgroups' | 'halfPrecision';
  wanted: Wanted;
  cases: Record<string, (opened: OpenDevice) => Promise<Outcome>>;
}

const halfCase = (evaluate: typeof encoded, features: GridFeatures) => async (opened: OpenDevice) => {
  const given = gridCase(features);
  return { fast: await evaluate(opened, given, 'f16'), plain: await evaluate(opened, given, 'f32') };
};

const sumsCase = async (opened: OpenDevice) => ({
  fast: await sums(opened, 'subgroup'),
  plain: await sums(opened, 'workgroup'),
  row: sumGroup,
});

function candidates({ subgroups = 'auto', halfTables = 'auto' }: FastPathOptions): Candidate[] {
  return [
    {
      path: 'subgroupSums',
      name: 'subgroup sums',
      feature: 'subgroups',
      wanted: subgroups,
      cases: { sums: sumsCase },
    },
    {
      path: 'halfTables',
      name: 'half-precision tables',
      feature: 'halfPrecision',
      wanted: halfTables,
      cases: {
        'hash grids of 2 features': halfCase(encoded, 2),
        'hash grids of 8 features': halfCase(encoded, 8),
        'density networks': halfCase(densities, 2),
      },
    },
  ];
}

/** Why a way cannot be taken; undefined when it can. */
async function findFault(opened: OpenDevice, { cases }: Candidate): Promise<string | undefined> {
  for (const [name, compute] of Object.entries(cases))
    try {
      const apart = difference(await compute(opened));
      if (apart > agreement)
        return `${name} differ from plain float32 by ${apart.toPrecision(2)} (at most ${agreement})`;
    } catch (error) {
      opened.check();
      return `${name}: ${error instanceof Error ? error.message : String(error)}`;
    }
  return undefined;
}

/**
 * Turns on what the adapter has, is wanted and agrees with float32. Returns lines about what was switched off.
 * @throws LangfieldError when a way that must be on cannot be
 */
export async function verifyFastPaths(opened: OpenDevice, options: FastPathOptions = {}): Promise<string[]> {
  const lines: string[] = [];
  for (const candidate of candidates(options)) {
    const { path, name, feature, wanted } = candidate;
    opened.paths[path] = false;
    if (wanted === 'off' || (wanted === 'auto' && !opened.features[feature])) continue;
    const fault = opened.features[feature] ? await findFault(opened, candidate) : 'the adapter does not have them';
    opened.paths[path] = fault === undefined;
    if (fault === undefined) continue;
    if (wanted === 'on')
      throw new LangfieldError({
        problem: `the GPU ${opened.name} cannot be used with ${name}`,
        found: fault,
        advice: 'Leave the choice to langfield, or use float32',
      });
    lines.push(`${name} are off on ${opened.name}: ${fault}`);
  }
  return lines;
}

/** An engine's summary: device, memory and ways taken in one line, then a line for each that was switched off. */
export function summarise(opened: OpenDevice, plan: MemoryPlan, switchedOff: readonly string[]): string {
  const ways = candidates({}).filter(({ path }) => opened.paths[path]);
  const named = ways.map(({ name }) => `; ${name}`).join('');
  return [`GPU: ${opened.name}; memory ${describePlan(plan)}${named}`, ...switchedOff].join('\n');
}
