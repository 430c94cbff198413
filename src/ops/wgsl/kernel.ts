/**
 * defineKernel: one description of a GPU kernel from which both its WGSL header (bindings, parameter struct,
 * overridable constants, entry point) and the TypeScript types of its arguments come, so that they cannot drift.
 *
 * This file makes text and types and never touches a device; `engines/webgpu` compiles and dispatches. All bindings are
 * in group 0: the parameters at 0, the buffers in the order of their declaration from 1 on.
 *
 * Names that a body finds: the buffers and constants by name, `params`, `workgroupSize`, `lane` (index within the
 * workgroup), and `index` (index of the invocation, already below the number of invocations) or `group` (index of the
 * workgroup, already below the number of groups).
 */
import type { Element, GpuArray, ScalarOf } from './elements.ts';
import {
  keepSubgroup,
  type SumMethod,
  subgroupBuiltins,
  sumFunctions,
  type WorkgroupSum,
} from './workgroup-sums.wgsl.ts';

export type ParamType = 'u32' | 'i32' | 'f32';
export type ParamSpecs = Record<string, ParamType>;

export interface BufferSpec<E extends Element = Element> {
  element: E;
  access: 'read' | 'read_write';
  /** What it holds, for people: "[rays, samples] densities". */
  shape: string;
}
export type BufferSpecs = Record<string, BufferSpec>;

/** A constant of the pipeline: chosen when it is compiled, so that loops unroll and shared memory has its size. */
export interface ConstantSpec {
  type: ParamType;
  value: number;
}
export type ConstantSpecs = Record<string, ConstantSpec>;

export type ParamValues<P extends ParamSpecs> = { readonly [K in keyof P]: number };
export type BufferValues<B extends BufferSpecs> = { readonly [K in keyof B]: GpuArray<ScalarOf<B[K]['element']>> };

export interface KernelArguments<P extends ParamSpecs, B extends BufferSpecs, C extends ConstantSpecs> {
  params: ParamValues<P>;
  buffers: BufferValues<B>;
  constants?: { readonly [K in keyof C]?: number };
}

export type KernelFeature = 'shader-f16';

export interface KernelSpec<P extends ParamSpecs, B extends BufferSpecs, C extends ConstantSpecs> {
  /** Unique per text: the op, the direction, and what a template was made with ("hash-grid-forward-f2"). */
  name: string;
  /** Scalars of the uniform struct `params`. */
  params: P;
  buffers: B;
  constants?: C;
  /** Invocations of a workgroup; at most 256, which every device has. */
  workgroupSize: number;
  /** One invocation per element (`invocations`) or one workgroup per element (`groups`). */
  over: 'invocations' | 'groups';
  /** Number of elements; 0 = nothing is dispatched. */
  count(params: ParamValues<P>): number;
  features?: readonly KernelFeature[];
  /** Sums over the workgroup that the body calls. */
  sums?: readonly WorkgroupSum[];
  /** Functions and workgroup variables of the module. */
  declarations?: string;
  /** Statements of the entry point. */
  body: string;
}

export interface Kernel<
  P extends ParamSpecs = ParamSpecs,
  B extends BufferSpecs = BufferSpecs,
  C extends ConstantSpecs = ConstantSpecs,
> {
  readonly spec: KernelSpec<P, B, C>;
  readonly name: string;
  /** The whole WGSL module; with 'subgroup' the sums of a kernel that has any need the feature `subgroups`. */
  code(sums: SumMethod): string;
  /** Bytes of the uniform struct. */
  readonly paramBytes: number;
  /** Workgroups of a dispatch. */
  groups(params: ParamValues<P>): number;
  /** Writes the uniform struct to `into` at byte `offset`. */
  packParams(params: ParamValues<P>, into: DataView, offset: number): void;
}

/** Any kernel, whatever its arguments. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments are checked where a kernel meets them, in Recorder.dispatch
export type AnyKernel = Kernel<any, any, any>;

export const read = <E extends Element>(element: E, shape: string): BufferSpec<E> => ({
  element,
  access: 'read',
  shape,
});

/** A buffer that the kernel writes, adds to, or both; the shape says which. */
export const write = <E extends Element>(element: E, shape: string): BufferSpec<E> => ({
  element,
  access: 'read_write',
  shape,
});

/** Name of the field that the header adds to every parameter struct: the number of elements. */
const countField = 'elementCount';

type PlainSpec = KernelSpec<ParamSpecs, BufferSpecs, ConstantSpecs>;

/** Whether a kernel's text uses subgroups when sums are made by `method`. */
export const usesSubgroups = ({ spec: { sums = [] } }: AnyKernel, method: SumMethod): boolean =>
  method === 'subgroup' && sums.length > 0;

function header(spec: PlainSpec, features: readonly string[]): string {
  const enables = features.map((feature) => `enable ${feature === 'shader-f16' ? 'f16' : feature};`);
  const fields = [[countField, 'u32'], ...Object.entries(spec.params)].map(([name, type]) => `  ${name}: ${type},`);
  const bindings = Object.entries(spec.buffers).map(
    ([name, { element, access, shape }], index) =>
      `@group(0) @binding(${index + 1}) var<storage, ${access}> ${name}: array<${element}>; // ${shape}`,
  );
  const constants = Object.entries(spec.constants ?? {}).map(
    ([name, { type, value }]) => `override ${name}: ${type} = ${type}(${value});`,
  );
  return [
    ...enables,
    'struct Params {',
    ...fields,
    '}',
    '@group(0) @binding(0) var<uniform> params: Params;',
    ...bindings,
    ...constants,
    `const workgroupSize = ${spec.workgroupSize}u;`,
  ].join('\n');
}

function entryPoint({ over, body }: PlainSpec, subgroups: boolean): string {
  const builtins = [
    '@builtin(local_invocation_index) lane: u32',
    '@builtin(workgroup_id) groupId: vec3<u32>',
    '@builtin(num_workgroups) groupCounts: vec3<u32>',
    ...(subgroups ? subgroupBuiltins : []),
  ];
  const [name, value] = over === 'groups' ? ['group', ''] : ['index', ' * workgroupSize + lane'];
  return `@compute @workgroup_size(workgroupSize)
fn main(${builtins.join(', ')}) {
${subgroups ? keepSubgroup : ''}
let ${name} = (groupId.x + groupId.y * groupCounts.x)${value};
if (${name} >= params.${countField}) { return; }
${body.trim()}
}
`;
}

function moduleText(kernel: AnyKernel, method: SumMethod): string {
  const spec = kernel.spec as PlainSpec;
  const subgroups = usesSubgroups(kernel, method);
  const features = [...(spec.features ?? []), ...(subgroups ? ['subgroups'] : [])];
  const declarations = sumFunctions(spec.sums ?? [], method) + (spec.declarations ?? '');
  return [`// ${spec.name}`, header(spec, features), declarations.trim(), entryPoint(spec, subgroups)].join('\n');
}

export function defineKernel<
  P extends ParamSpecs,
  B extends BufferSpecs,
  C extends ConstantSpecs = Record<never, never>,
>(spec: KernelSpec<P, B, C>): Kernel<P, B, C> {
  const fields = Object.entries(spec.params);
  return {
    spec,
    name: spec.name,
    code(sums) {
      return moduleText(this, sums);
    },
    paramBytes: Math.ceil((4 * (fields.length + 1)) / 16) * 16,
    groups: (params) =>
      spec.over === 'groups' ? spec.count(params) : Math.ceil(spec.count(params) / spec.workgroupSize),
    packParams(params, into, offset) {
      into.setUint32(offset, spec.count(params), true);
      fields.forEach(([name, type], index) => {
        const at = offset + 4 * (index + 1);
        if (type === 'f32') into.setFloat32(at, params[name], true);
        else if (type === 'i32') into.setInt32(at, params[name], true);
        else into.setUint32(at, params[name], true);
      });
    },
  };
}

/** The same kernel for the same options: templates are functions, and a pipeline is compiled once per text. */
export function memoise<O extends readonly (string | number | boolean | undefined)[], K extends AnyKernel>(
  make: (...options: O) => K,
): (...options: O) => K {
  const made = new Map<string, K>();
  return (...options) => {
    const key = options.join(' ');
    let kernel = made.get(key);
    if (!kernel) made.set(key, (kernel = make(...options)));
    return kernel;
  };
}
