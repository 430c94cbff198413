/**
 * A list of dispatches that goes to the GPU in few, bounded submits. Nothing is sent before `submit`, which first
 * compiles what is new; nothing comes back except through `download`. A submit carries a limited number of dispatches
 * and only a few submits are in flight, so that a desktop on the same GPU stays usable during training.
 */
import type { GpuArray, Scalar } from '../../ops/wgsl/elements.ts';
import { scalarBytes } from '../../ops/wgsl/elements.ts';
import type {
  AnyKernel,
  BufferSpecs,
  ConstantSpecs,
  Kernel,
  KernelArguments,
  ParamSpecs,
} from '../../ops/wgsl/kernel.ts';
import type { SumMethod } from '../../ops/wgsl/workgroup-sums.wgsl.ts';
import type { HostArrays } from './arena.ts';
import type { OpenDevice } from './device.ts';
import { type KernelTime, KernelTimer } from './kernel-timer.ts';
import { type Constants, Pipelines } from './pipelines.ts';

interface Dispatch {
  kind: 'dispatch';
  kernel: AnyKernel;
  params: Readonly<Record<string, number>>;
  buffers: Readonly<Record<string, GpuArray>>;
  constants?: Constants;
  groups: number;
}
type Command = Dispatch | { kind: 'clear'; array: GpuArray } | { kind: 'copy'; from: GpuArray; to: GpuArray };

export interface RecorderOptions {
  /** Dispatches of one submit. */
  dispatchesPerSubmit?: number;
  /** Submits that may be in flight before `submit` waits. */
  submitsInFlight?: number;
  /** Measure every kernel (`times`); dispatches then no longer overlap, and every submit waits. */
  timed?: boolean;
  /** How kernels make sums over a workgroup; as the device's fast paths say unless given. */
  sums?: SumMethod;
}

export class Recorder {
  readonly #opened: OpenDevice;
  readonly #pipelines: Pipelines;
  readonly #uniforms: GPUBuffer;
  readonly #slotBytes: number;
  readonly #capacity: number;
  readonly #submitsInFlight: number;
  readonly #timer: KernelTimer | undefined;
  #commands: Command[] = [];
  #sent: Promise<void> = Promise.resolve();
  #pending: Promise<unknown>[] = [];

  constructor(opened: OpenDevice, options: RecorderOptions = {}) {
    this.#opened = opened;
    this.#pipelines = new Pipelines(opened, options.sums ?? (opened.paths.subgroupSums ? 'subgroup' : 'workgroup'));
    this.#capacity = options.dispatchesPerSubmit ?? 64;
    this.#submitsInFlight = options.submitsInFlight ?? 4;
    this.#timer = options.timed ? new KernelTimer(opened, this.#capacity) : undefined;
    this.#slotBytes = opened.limits.minUniformBufferOffsetAlignment;
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const size = this.#capacity * this.#slotBytes;
    this.#uniforms = opened.device.createBuffer({ label: 'parameters of a submit', size, usage });
  }

  /** Adds a dispatch; one over no elements is left out. */
  dispatch<P extends ParamSpecs, B extends BufferSpecs, C extends ConstantSpecs>(
    kernel: Kernel<P, B, C>,
    { params, buffers, constants }: KernelArguments<P, B, C>,
  ): this {
    const groups = kernel.groups(params);
    if (!Number.isSafeInteger(groups) || groups < 0)
      throw new Error(`kernel ${kernel.name}: ${groups} is no number of workgroups`);
    if (kernel.paramBytes > this.#slotBytes) throw new Error(`kernel ${kernel.name} has too many parameters`);
    if (groups > 0) this.#commands.push({ kind: 'dispatch', kernel, params, buffers, constants, groups });
    return this;
  }

  /** Fills an array with zeros. */
  clear(array: GpuArray): this {
    this.#commands.push({ kind: 'clear', array });
    return this;
  }

  copy<S extends Scalar>(from: GpuArray<S>, to: GpuArray<S>): this {
    if (from.length !== to.length) throw new Error(`${from.name} and ${to.name} differ in length`);
    this.#commands.push({ kind: 'copy', from, to });
    return this;
  }

  /**
   * Sends everything added since the last call; waits only while too much is in flight. Calls may overlap: their work
   * keeps its order, also when the first still compiles.
   */
  async submit(): Promise<void> {
    const commands = this.#commands;
    this.#commands = [];
    const sent = this.#sent.then(() => this.#sendAll(commands));
    this.#sent = sent.catch(() => undefined);
    await sent;
  }

  async #sendAll(commands: readonly Command[]): Promise<void> {
    this.#opened.check();
    await this.#pipelines.prepare(commands.filter((command) => command.kind === 'dispatch'));
    for (const part of inParts(commands, this.#capacity)) {
      const readTimes = this.#send(part);
      await readTimes?.();
      await this.#throttle();
    }
    this.#opened.check();
  }

  /** Submits, and waits until all work is done. Throws what the device has to complain about. */
  async finish(): Promise<void> {
    await this.submit();
    await workDone(this.#opened.device);
    // Errors arrive as events of their own; a round trip through an error scope lets them in first.
    this.#opened.device.pushErrorScope('validation');
    await this.#opened.device.popErrorScope().catch(() => null);
    this.#opened.check();
  }

  /** Submits, waits, and copies an array out: the only way back from the GPU. */
  async download<S extends Scalar>(array: GpuArray<S>): Promise<HostArrays[S]> {
    await this.submit();
    const { device } = this.#opened;
    const used = array.length * scalarBytes[array.scalar];
    const size = Math.ceil(Math.max(used, 4) / 4) * 4;
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const staging = device.createBuffer({ label: `read-back of ${array.name}`, size, usage });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(array.buffer, array.offset, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ);
    } catch (cause) {
      this.#opened.fail(`reading ${array.name} failed`, cause instanceof Error ? cause.message : String(cause));
    }
    this.#opened.check();
    const bytes = staging.getMappedRange().slice(0, used);
    staging.destroy();
    return hostArray(array.scalar, bytes);
  }

  /** Time of every kernel since the last call; for a recorder made with `timed`. */
  times(): Map<string, KernelTime> {
    return this.#timer?.take() ?? new Map();
  }

  /** Sends commands that fit into one submit; with a timer, returns what reads the times. */
  #send(commands: readonly Command[]): (() => Promise<void>) | undefined {
    const { device } = this.#opened;
    const dispatches = commands.filter((command) => command.kind === 'dispatch');
    const uniforms = new DataView(new ArrayBuffer(Math.max(1, dispatches.length) * this.#slotBytes));
    for (const [slot, { kernel, params }] of dispatches.entries())
      kernel.packParams(params, uniforms, slot * this.#slotBytes);
    device.queue.writeBuffer(this.#uniforms, 0, uniforms.buffer);
    const encoder = device.createCommandEncoder();
    let pass: GPUComputePassEncoder | undefined;
    let slot = 0;
    for (const command of commands) {
      if (command.kind === 'dispatch') {
        pass ??= encoder.beginComputePass(this.#timer?.passOf(slot));
        this.#encode(pass, command, slot++ * this.#slotBytes);
        if (!this.#timer) continue;
      }
      pass?.end();
      pass = undefined;
      if (command.kind === 'clear')
        encoder.clearBuffer(command.array.buffer, command.array.offset, command.array.boundBytes);
      else if (command.kind === 'copy') encodeCopy(encoder, command.from, command.to);
    }
    pass?.end();
    this.#opened.lastKernels = dispatches.map(({ kernel }) => kernel.name);
    const readTimes = this.#timer?.resolve(encoder, this.#opened.lastKernels);
    device.queue.submit([encoder.finish()]);
    this.#pending.push(workDone(device));
    return readTimes;
  }

  #encode(pass: GPUComputePassEncoder, { kernel, constants, buffers, groups }: Dispatch, offset: number): void {
    const { pipeline, group } = this.#pipelines.bind(kernel, constants, buffers, this.#uniforms);
    const widest = this.#opened.limits.maxComputeWorkgroupsPerDimension;
    const columns = Math.min(groups, widest);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group, [offset]);
    pass.dispatchWorkgroups(columns, Math.ceil(groups / columns));
  }

  async #throttle(): Promise<void> {
    while (this.#pending.length > this.#submitsInFlight) await this.#pending.shift();
  }
}

/** A lost device may reject; it reports itself through `OpenDevice.check`. */
const workDone = (device: GPUDevice): Promise<unknown> => device.queue.onSubmittedWorkDone().catch(() => undefined);

function encodeCopy(encoder: GPUCommandEncoder, from: GpuArray, to: GpuArray): void {
  const size = Math.ceil((from.length * scalarBytes[from.scalar]) / 4) * 4;
  if (size > 0) encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, size);
}

/** Runs of commands with at most `capacity` dispatches each. */
function* inParts(commands: readonly Command[], capacity: number): Generator<Command[]> {
  let part: Command[] = [];
  let dispatches = 0;
  for (const command of commands) {
    if (command.kind === 'dispatch' && ++dispatches > capacity) {
      yield part;
      part = [];
      dispatches = 1;
    }
    part.push(command);
  }
  if (part.length > 0) yield part;
}

function hostArray<S extends Scalar>(scalar: S, bytes: ArrayBuffer): HostArrays[S] {
  const kinds = { f32: Float32Array, u32: Uint32Array, i32: Int32Array, f16: Uint16Array };
  return new kinds[scalar](bytes) as HostArrays[S];
}
