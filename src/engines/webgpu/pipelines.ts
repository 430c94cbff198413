/**
 * Compiled kernels of one device. A pipeline is made once per kernel and choice of constants (templates hand out the same
 * kernel for the same options); a shader that does not compile is an error with the kernel's name and the line. Bind groups are kept too: a training step binds the same
 * arrays every time, and only its parameters (a dynamic offset) change.
 */
import { LangfieldError } from '../../errors.ts';
import { elementBytes, type GpuArray } from '../../ops/wgsl/elements.ts';
import { type AnyKernel, usesSubgroups } from '../../ops/wgsl/kernel.ts';
import type { SumMethod } from '../../ops/wgsl/workgroup-sums.wgsl.ts';
import type { OpenDevice } from './device.ts';

export type Constants = Readonly<Record<string, number | undefined>>;

interface Compiled {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  bindings: Map<string, GPUBindGroup>;
}

/** Bind groups of arrays that came and went are dropped all together. */
const keptBindings = 512;

export class Pipelines {
  readonly #device: OpenDevice;
  readonly #sums: SumMethod;
  readonly #compiled = new Map<AnyKernel, Map<string, Compiled>>();
  readonly #arrayNumbers = new WeakMap<GPUBuffer, number>();
  #nextNumber = 0;

  /** @param sums how kernels make their sums over a workgroup */
  constructor(device: OpenDevice, sums: SumMethod) {
    this.#device = device;
    this.#sums = sums;
  }

  /** Compiles what is not compiled yet, all at once. */
  async prepare(wanted: Iterable<{ kernel: AnyKernel; constants?: Constants }>): Promise<void> {
    const started = new Map<string, Promise<void>>();
    for (const { kernel, constants } of wanted) {
      const key = constantsKey(constants);
      if (this.#compiled.get(kernel)?.has(key) || started.has(`${kernel.name} ${key}`)) continue;
      const compiled = this.#compile(kernel, constants).then((result) => {
        const variants = this.#compiled.get(kernel) ?? new Map<string, Compiled>();
        this.#compiled.set(kernel, variants.set(key, result));
      });
      started.set(`${kernel.name} ${key}`, compiled);
    }
    await Promise.all(started.values());
  }

  /** Pipeline and bind group of a prepared kernel. `uniforms` holds the parameters of a submit. */
  bind(
    kernel: AnyKernel,
    constants: Constants | undefined,
    buffers: Readonly<Record<string, GpuArray>>,
    uniforms: GPUBuffer,
  ): { pipeline: GPUComputePipeline; group: GPUBindGroup } {
    const compiled = this.#compiled.get(kernel)?.get(constantsKey(constants));
    if (!compiled) throw new Error(`kernel ${kernel.name} was not prepared`);
    const arrays = Object.keys(kernel.spec.buffers).map((name) => buffers[name]);
    const key = arrays.map((array) => `${this.#numberOf(array.buffer)}+${array.offset}:${array.boundBytes}`).join(' ');
    let group = compiled.bindings.get(key);
    if (!group) {
      group = this.#bindGroup(kernel, compiled.layout, arrays, uniforms);
      if (compiled.bindings.size >= keptBindings) compiled.bindings.clear();
      compiled.bindings.set(key, group);
    }
    return { pipeline: compiled.pipeline, group };
  }

  #numberOf(buffer: GPUBuffer): number {
    let number = this.#arrayNumbers.get(buffer);
    if (number === undefined) this.#arrayNumbers.set(buffer, (number = this.#nextNumber++));
    return number;
  }

  #bindGroup(kernel: AnyKernel, layout: GPUBindGroupLayout, arrays: GpuArray[], uniforms: GPUBuffer): GPUBindGroup {
    return this.#device.device.createBindGroup({
      label: kernel.name,
      layout,
      entries: [
        { binding: 0, resource: { buffer: uniforms, size: kernel.paramBytes } },
        ...arrays.map(({ buffer, offset, boundBytes }, index) => ({
          binding: index + 1,
          resource: { buffer, offset, size: boundBytes },
        })),
      ],
    });
  }

  async #compile(kernel: AnyKernel, constants: Constants = {}): Promise<Compiled> {
    this.#checkNeeds(kernel);
    const { device } = this.#device;
    device.pushErrorScope('validation');
    const code = kernel.code(this.#sums);
    const module = device.createShaderModule({ label: kernel.name, code });
    const [info, moduleError] = await Promise.all([module.getCompilationInfo(), device.popErrorScope()]);
    const fault = info.messages.find(({ type }) => type === 'error');
    if (fault || moduleError)
      throw compileError(kernel, fault?.message ?? moduleError?.message ?? 'unknown error', {
        line: fault?.lineNum,
        code,
      });
    const layout = device.createBindGroupLayout({ label: kernel.name, entries: layoutEntries(kernel) });
    try {
      const pipeline = await device.createComputePipelineAsync({
        label: kernel.name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main', constants: constants as Record<string, number> },
      });
      return { pipeline, layout, bindings: new Map() };
    } catch (cause) {
      throw compileError(kernel, cause instanceof Error ? cause.message : String(cause));
    }
  }

  #checkNeeds(kernel: AnyKernel): void {
    const { name, spec } = kernel;
    const { features, limits } = this.#device;
    const needs = [
      [spec.features?.includes('shader-f16') ?? false, features.halfPrecision, 'shader-f16'],
      [usesSubgroups(kernel, this.#sums), features.subgroups, 'subgroups'],
    ] as const;
    for (const [needed, there, feature] of needs)
      if (needed && !there)
        throw new Error(`kernel ${name} needs ${feature}, which ${this.#device.name} does not have`);
    const count = Object.keys(spec.buffers).length;
    if (count > limits.maxStorageBuffersPerShaderStage || spec.workgroupSize > limits.maxComputeInvocationsPerWorkgroup)
      throw new Error(`kernel ${name} is too large for ${this.#device.name}`);
  }
}

function constantsKey(constants: Constants = {}): string {
  const chosen = Object.entries(constants).map(([name, value]) => `${name}=${value}`);
  return chosen.sort().join(' ');
}

function layoutEntries({ spec, paramBytes }: AnyKernel): GPUBindGroupLayoutEntry[] {
  const visibility = GPUShaderStage.COMPUTE;
  const specs = Object.values(spec.buffers) as { access: string; element: Parameters<typeof elementBytes>[0] }[];
  return [
    { binding: 0, visibility, buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: paramBytes } },
    ...specs.map(({ access, element }, index) => ({
      binding: index + 1,
      visibility,
      buffer: {
        type: (access === 'read' ? 'read-only-storage' : 'storage') as GPUBufferBindingType,
        minBindingSize: elementBytes(element),
      },
    })),
  ];
}

function compileError(kernel: AnyKernel, message: string, at: { line?: number; code?: string } = {}): LangfieldError {
  const { line, code } = at;
  const text = line ? code?.split('\n')[line - 1]?.trim() : undefined;
  return new LangfieldError({
    problem: `the GPU kernel ${kernel.name} does not compile`,
    field: line ? `line ${line}${text ? `, "${text}"` : ''}` : undefined,
    found: message.trim().split('\n')[0],
    advice: 'Update the graphics driver or use --device cpu, and report this',
  });
}
