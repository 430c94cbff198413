/**
 * GPUs for tests: every adapter that this machine has, hardware and software, with sums as an engine would make them.
 * Chromium ships a software Vulkan (SwiftShader: subgroups), which is put beside the system's drivers before the
 * package `webgpu` is loaded; Mesa's drivers bring another (llvmpipe: subgroups and half precision). Without any adapter
 * the suites skip with a line that says so. LANGFIELD_REQUIRE_GPU=1 makes them fail instead, =half also where no adapter
 * has half precision, =hardware where there are only software adapters.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Arena, type HostArrays, upload } from '../src/engines/webgpu/arena.ts';
import { type OpenDevice, openDevice } from '../src/engines/webgpu/device.ts';
import { verifyFastPaths } from '../src/engines/webgpu/fast-paths.ts';
import { Recorder } from '../src/engines/webgpu/recorder.ts';
import type { GpuArray, Scalar } from '../src/ops/wgsl/elements.ts';
import type { BufferSpecs, ConstantSpecs, Kernel, KernelArguments, ParamSpecs } from '../src/ops/wgsl/kernel.ts';
import { dawnOptions, openGpu } from '../src/platform/node/gpu.ts';
import { cosine, largestDifference, relativeL2 } from './numbers.ts';
import { addSoftwareVulkan } from './software-vulkan.ts';

/** Software adapters by the names under which Dawn finds them; a GPU object sees only one adapter of a kind. */
const softwareAdapters = ['SwiftShader', 'llvmpipe'];

/** GPU objects with every adapter in one of them. */
async function openGpus(): Promise<GPU[]> {
  addSoftwareVulkan();
  const gpu = await openGpu();
  if (!gpu) return [];
  const { create } = await import('webgpu');
  return [gpu, ...softwareAdapters.map((name) => create([...dawnOptions, `adapter=${name}`]) as unknown as GPU)];
}

/** The devices, and why an adapter gave none. */
async function findDevices(): Promise<{ devices: OpenDevice[]; reasons: string[] }> {
  const gpus = await openGpus();
  if (gpus.length === 0) return { devices: [], reasons: ['the package "webgpu" is not installed'] };
  const devices = new Map<string, OpenDevice>();
  const reasons = new Set<string>();
  for (const gpu of gpus) {
    try {
      const opened = await openDevice(gpu);
      if (devices.has(opened.name)) opened.close();
      else {
        // Gates are those of float32; tables in half precision have tests of their own.
        for (const line of await verifyFastPaths(opened, { halfTables: 'off' })) console.warn(line);
        devices.set(opened.name, opened);
      }
    } catch (error) {
      reasons.add(error instanceof Error ? error.message : String(error));
    }
  }
  return { devices: [...devices.values()], reasons: [...reasons] };
}

/** What a test does with one GPU: arrays in, kernels run, arrays out. */
export class GpuBench {
  readonly opened: OpenDevice;
  readonly recorder: Recorder;

  constructor(opened: OpenDevice) {
    this.opened = opened;
    this.recorder = new Recorder(opened);
  }

  /** A second device of the same adapter, for tests that break it. */
  async another(): Promise<GpuBench> {
    const opened = await openDevice(this.opened.owner);
    opened.paths = { ...this.opened.paths };
    return new GpuBench(opened);
  }

  async zeros<S extends Scalar>(scalar: S, length: number): Promise<GpuArray<S>> {
    const arena = await Arena.allocate(this.opened, { test: { scalar, length, purpose: 'activations' } });
    return arena.arrays.test as GpuArray<S>;
  }

  async place<S extends Scalar>(scalar: S, values: HostArrays[S]): Promise<GpuArray<S>> {
    const array = await this.zeros(scalar, values.length);
    upload(this.opened, array, values);
    return array;
  }

  floats(values: ArrayLike<number>): Promise<GpuArray<'f32'>> {
    return this.place('f32', Float32Array.from(values));
  }

  async run<P extends ParamSpecs, B extends BufferSpecs, C extends ConstantSpecs>(
    kernel: Kernel<P, B, C>,
    given: KernelArguments<P, B, C>,
  ): Promise<void> {
    await this.recorder.dispatch(kernel, given).finish();
  }

  read<S extends Scalar>(array: GpuArray<S>): Promise<HostArrays[S]> {
    return this.recorder.download(array);
  }
}

const { devices, reasons } = await findDevices();
afterAll(() => {
  for (const opened of devices) opened.close();
});
const required = process.env.LANGFIELD_REQUIRE_GPU;
const suits: Record<string, (opened: OpenDevice) => boolean> = {
  hardware: ({ software }) => !software,
  half: ({ features }) => features.halfPrecision,
};
const enough = devices.some((opened) => suits[required ?? '']?.(opened) ?? true);
if (devices.length === 0)
  console.warn(`skipped: tests of GPU kernels (${reasons.join('; ')} Chromium's package brings a software Vulkan)`);

function describeOn(found: readonly OpenDevice[], title: string, suite: (bench: GpuBench) => void): void {
  for (const opened of found) describe(`${title} on ${opened.name}`, () => suite(new GpuBench(opened)));
  if (required && !enough)
    it(`${title}: a GPU is required`, () =>
      expect.fail(`LANGFIELD_REQUIRE_GPU=${required}, but there is no such adapter: ${reasons.join('; ')}`));
  else if (devices.length === 0) describe.skip(`${title} (no GPU)`, () => it('needs an adapter', () => {}));
}

/** A suite for each adapter. */
export function describeGpu(title: string, suite: (bench: GpuBench) => void): void {
  describeOn(devices, title, suite);
}

/** A suite for the adapter that commands take: for tests that run them. */
export function describeDefaultGpu(title: string, suite: (bench: GpuBench) => void): void {
  describeOn(devices.slice(0, 1), title, suite);
}

/**
 * The gate of every kernel: no NaN, relative L2 below `gate`, no turn of the vector, no drift to one side.
 */
export function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, gate: number): void {
  expect(actual.length).toBe(expected.length);
  expect(Array.from(actual).findIndex(Number.isNaN), 'index of the first NaN').toBe(-1);
  const size = Math.sqrt(Array.from(expected).reduce((sum, e) => sum + e * e, 0) / Math.max(1, expected.length));
  if (size === 0) {
    expect(largestDifference(actual, expected), 'where nothing is expected').toBeLessThan(gate);
    return;
  }
  const bias = Array.from(expected).reduce((sum, e, i) => sum + actual[i] - e, 0) / expected.length;
  expect(relativeL2(actual, expected), 'relative L2').toBeLessThan(gate);
  expect(1 - cosine(actual, expected), '1 − cosine').toBeLessThan(gate);
  expect(Math.abs(bias) / size, 'signed bias').toBeLessThan(gate);
}
