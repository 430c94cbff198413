/**
 * `npm run bench -- gpu`: what langfield's kernels reach on this machine's GPU, as time, bandwidth and arithmetic against
 * ceilings that are measured beside them, then queries of a 512×298 view. It needs the repository, Node and node_modules,
 * nothing else, and keeps to a budget of seconds. docs/benchmarks.md says how to run it on a bare machine.
 */
import { LangfieldError } from '../../src/errors.ts';
import { type OpenDevice, openDevice } from '../../src/engines/webgpu/device.ts';
import { verifyFastPaths, wantedHalves } from '../../src/engines/webgpu/fast-paths.ts';
import { openGpu } from '../../src/platform/node/gpu.ts';
import { addSoftwareVulkan } from '../../test/software-vulkan.ts';
import type { Bench } from '../bench.ts';
import { printTable, round } from '../measure.ts';
import { type Agreement, measureAgreement } from './agreement.ts';
import { ceilingCases } from './ceilings.ts';
import { GpuClock } from './clock.ts';
import { type KernelCase, type Measured, measureCase } from './kernel-case.ts';
import { languageCases } from './language-cases.ts';
import { type GpuBenchOptions, sectionKinds } from './options.ts';
import { measureQueries, type QueryFigures, type SceneKind } from './queries.ts';
import { radianceCases } from './radiance-cases.ts';
import { Results } from './results.ts';
import { type BenchSize, benchSize } from './sizes.ts';

export { addOptions } from './options.ts';

export interface Ceilings {
  /** GB/s, read and written together. */
  copy: number;
  gather: number;
  /** TFLOP/s */
  multiplyAdd: number;
  product: number;
}

/** What a case needs at least before it is begun, seconds: filling arrays and compiling take longer than the kernel. */
const secondsOfCase = 2;

class GpuBenchRun {
  readonly #opened: OpenDevice;
  readonly #clock: GpuClock;
  readonly #results: Results;
  readonly #options: GpuBenchOptions;
  readonly #end: number;
  #ceilings: Partial<Ceilings> = {};

  constructor(opened: OpenDevice, options: GpuBenchOptions, started: number) {
    this.#opened = opened;
    this.#options = options;
    this.#clock = new GpuClock(opened);
    this.#results = new Results(options.results, opened);
    this.#end = started + 1000 * options.budget;
  }

  #left(): number {
    return (this.#end - performance.now()) / 1000;
  }

  async run() {
    const { size: names, only = sectionKinds } = this.#options;
    const sizes = names.map(benchSize);
    const share = Math.min(...sizes.map(({ ceilingShare }) => ceilingShare));
    await this.#part('agreement with the reference', () => this.#agree());
    await this.#part('ceilings', () => this.#measureCeilings(share));
    for (const [index, size] of sizes.entries()) {
      if (index === 0 && only.includes('queries')) await this.#queries(size);
      if (only.includes('kernels')) await this.#kernels(size);
      if (index > 0 && only.includes('queries')) await this.#queries(size);
    }
    return { ceilings: this.#ceilings, parts: this.#results.parts };
  }

  /** Measures one part and writes it down, or why it failed; the next parts are tried as long as the device lives. */
  async #part<T>(name: string, measure: () => Promise<T>): Promise<T | undefined> {
    const start = performance.now();
    const seconds = () => round((performance.now() - start) / 1000);
    if (this.#left() < secondsOfCase || this.#opened.failed) {
      console.log(`\n${name}: left out, ${this.#opened.failed ? 'the GPU is lost' : 'the budget is spent'}`);
      return undefined;
    }
    console.log(`\n${name}`);
    try {
      const figures = await measure();
      await this.#results.add({ part: name, seconds: seconds(), figures });
      return figures;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      console.log(`${name} failed: ${message}`);
      await this.#results.add({ part: name, seconds: seconds(), error: message });
      return undefined;
    }
  }

  /** Each case by itself, so that one that fails takes no other with it. */
  async #measureAll<C extends KernelCase>(cases: readonly C[], take: (given: C, measured: Measured) => void) {
    const failures: string[] = [];
    for (const [index, given] of cases.entries()) {
      if (this.#left() < secondsOfCase) {
        failures.push(`the budget is spent: ${cases.length - index} of ${cases.length} left out`);
        break;
      }
      try {
        take(given, await measureCase(this.#opened, this.#clock, given));
      } catch (error) {
        failures.push(`${given.label}: ${error instanceof Error ? error.message : String(error)}`);
        if (this.#opened.failed) break;
      }
    }
    for (const failure of failures) console.log(failure);
    return failures;
  }

  async #agree(): Promise<Agreement> {
    const agreement = await measureAgreement(this.#opened);
    const { rays, rgb, accumulation, relevancy, movedDepths } = agreement;
    console.log(
      `${rays} rays: colours within ${rgb.toExponential(1)}, accumulation ${accumulation.toExponential(1)}, ` +
        `relevancy ${relevancy.toExponential(1)}; ${round(100 * movedDepths)} % of the depths in another sample`,
    );
    return agreement;
  }

  async #measureCeilings(share: number) {
    const measured: Measured[] = [];
    const failures = await this.#measureAll(ceilingCases(share), ({ ceiling }, one) => {
      measured.push(one);
      const rate = ceiling === 'copy' || ceiling === 'gather' ? one.gigabytesPerSecond : one.teraflops;
      this.#ceilings[ceiling] = Math.max(this.#ceilings[ceiling] ?? 0, rate ?? 0);
    });
    printTable(this.#table(measured));
    return { ceilings: this.#ceilings, measured, failures };
  }

  async #kernels(size: BenchSize): Promise<void> {
    await this.#part(`kernels ${size.name}, ${size.rays} rays`, async () => {
      const measured: Measured[] = [];
      const cases = [...languageCases(size), ...radianceCases(size)];
      const failures = await this.#measureAll(cases, (_, one) => measured.push(one));
      if (measured.length > 0) printTable(this.#table(measured));
      return { measured, failures };
    });
  }

  async #queries(size: BenchSize): Promise<void> {
    for (const kind of ['opaque', 'hazy'] satisfies SceneKind[])
      await this.#part(`queries ${size.name}, ${kind} scene`, async () => {
        // A sweep over every pixel of a hazy scene is tens of TFLOP, and says nothing that the opaque one does not.
        const exhaustive = kind === 'opaque';
        const goesOn = () => this.#left() > secondsOfCase;
        const { repeats } = this.#options;
        const figures = await measureQueries(this.#opened, size, kind, { repeats, exhaustive, goesOn });
        printQueries(figures);
        return figures;
      });
  }

  #table(measured: readonly Measured[]): (string | number)[][] {
    const { copy, multiplyAdd } = this.#ceilings;
    const share = (value: number | undefined, ceiling: number | undefined) =>
      value && ceiling ? `${Math.round((100 * value) / ceiling)} %` : '';
    const number = (value: number | undefined, digits: number) => (value === undefined ? '' : value.toFixed(digits));
    return [
      ['kernel', 'ms', 'GB/s', 'of copy', 'TFLOP/s', 'of multiply-add'],
      ...measured.map(({ label, milliseconds, gigabytesPerSecond, teraflops }) => [
        label,
        number(milliseconds, 3).padStart(9),
        number(gigabytesPerSecond, 1).padStart(8),
        share(gigabytesPerSecond, copy).padStart(7),
        number(teraflops, 3).padStart(8),
        share(teraflops, multiplyAdd).padStart(15),
      ]),
    ];
  }
}

function printQueries({ rows, samplesPerRay, agreement }: QueryFigures): void {
  printTable([
    ['query', 'ms', 'a second'],
    ...rows.map(({ label, milliseconds, framesPerSecond }) => [
      label,
      round(milliseconds, 2),
      round(framesPerSecond, 1),
    ]),
  ]);
  if (samplesPerRay !== undefined)
    console.log(`${round(samplesPerRay, 2)} samples of a ray go through the language field`);
  if (agreement)
    console.log(
      `coarse choice of scale: ${agreement.differing} of ${agreement.phrases} phrases differ from the exhaustive one ` +
        `(${agreement.coarseDiffering} by the grid alone), at most ${round(agreement.largestLoss, 5)} of relevancy lost`,
    );
}

async function openAdapter({ adapter }: GpuBenchOptions): Promise<OpenDevice> {
  if (adapter === 'software') addSoftwareVulkan();
  const gpu = await openGpu();
  if (!gpu)
    throw new LangfieldError({
      problem: 'the package "webgpu" is not installed, or has no build for this system',
      advice: 'Run "npm install" where it can download, then carry node_modules over',
    });
  return openDevice(gpu, { adapter });
}

export const run: Bench<GpuBenchOptions> = async (options) => {
  const started = performance.now();
  const opened = await openAdapter(options);
  const { limits, features, paths } = opened;
  const switchedOff = await verifyFastPaths(opened, {
    halfTables: wantedHalves[options.precision],
    subgroups: options.subgroups ? 'auto' : 'off',
  });
  for (const line of switchedOff) console.log(line);
  console.log(
    `${opened.name}${opened.software ? ', software' : ''}: bindings up to ${round(limits.maxStorageBufferBindingSize / 2 ** 20)} MiB, ` +
      `${limits.maxComputeWorkgroupStorageSize / 1024} KiB shared memory, ` +
      `${features.timestamps ? 'timestamps' : 'no timestamps: times are the CPU’s'}, ` +
      `sums by ${paths.subgroupSums ? 'subgroups' : 'workgroups'}, tables of queries in ${paths.halfTables ? 'f16' : 'f32'}`,
  );
  try {
    const result = await new GpuBenchRun(opened, options, started).run();
    if (result.parts.length > 0) console.log(`\nresults appended to ${options.results}`);
    return { adapter: opened.name, ...result };
  } finally {
    opened.close();
  }
};
