/**
 * What defineKernel makes of a definition, and that the texts for half precision and for subgroups are valid WGSL within
 * the limits of every device: Dawn's null backend compiles them on machines that have no such GPU, or none at all.
 */
import { describe, expect, it } from 'vitest';
import { densityNetworkKernel } from '../radiance-rendering/density-network.wgsl.ts';
import { encodeHashGridKernel, hashGridPositionBackwardKernel } from '../hash-grid/hash-grid.wgsl.ts';
import { denseKernel, denseInputBackwardKernel, denseWeightBackwardKernel } from '../mlp/dense.wgsl.ts';
import * as colourInputs from '../colour-inputs/colour-inputs.wgsl.ts';
import * as clip from '../language-rendering/clip-training.wgsl.ts';
import * as dino from '../language-rendering/dino-training.wgsl.ts';
import * as queries from '../language-rendering/language-query.wgsl.ts';
import * as losses from '../losses/losses.wgsl.ts';
import * as poses from '../pose-refinement/pose-refinement.wgsl.ts';
import * as raySampling from '../ray-sampling/ray-sampling.wgsl.ts';
import * as volume from '../volume-rendering/volume-rendering.wgsl.ts';
import { elementBytes, scalarOf } from './elements.ts';
import { type AnyKernel, defineKernel, memoise, read, write } from './kernel.ts';
import * as sumValues from './sum-values.wgsl.ts';

const kernel = defineKernel({
  name: 'test-definition',
  params: { rows: 'u32', offset: 'i32', factor: 'f32' },
  buffers: { values: read('vec4<f32>', '[rows, 4]'), sums: write('atomic<u32>', '[rows] +=') },
  constants: { unroll: { type: 'u32', value: 4 } },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rows }) => rows,
  body: 'atomicAdd(&sums[index], u32(values[index].x));',
});

describe('defineKernel', () => {
  it('declares bindings, parameters and constants in the order of the definition', () => {
    for (const line of [
      '@group(0) @binding(0) var<uniform> params: Params;',
      '@group(0) @binding(1) var<storage, read> values: array<vec4<f32>>; // [rows, 4]',
      '@group(0) @binding(2) var<storage, read_write> sums: array<atomic<u32>>; // [rows] +=',
      'override unroll: u32 = u32(4);',
    ])
      expect(kernel.code('workgroup')).toContain(line);
    expect(kernel.code('workgroup')).toMatch(
      /struct Params \{\s+elementCount: u32,\s+rows: u32,\s+offset: i32,\s+factor: f32,\s+\}/,
    );
  });

  it('packs parameters as the struct lies in memory', () => {
    const bytes = new DataView(new ArrayBuffer(48));
    kernel.packParams({ rows: 130, offset: -2, factor: 0.5 }, bytes, 16);
    expect([bytes.getUint32(16, true), bytes.getUint32(20, true)]).toEqual([130, 130]);
    expect([bytes.getInt32(24, true), bytes.getFloat32(28, true)]).toEqual([-2, 0.5]);
    expect(kernel.paramBytes).toBe(16);
    expect(kernel.groups({ rows: 130, offset: 0, factor: 0 })).toBe(3);
    expect(kernel.groups({ rows: 0, offset: 0, factor: 0 })).toBe(0);
  });

  it('hands out one kernel for the same options', () => {
    let made = 0;
    const template = memoise((_width: number, _storage: string) => {
      made++;
      return { ...kernel };
    });
    expect(template(2, 'f32')).toBe(template(2, 'f32'));
    expect(template(2, 'f16')).not.toBe(template(2, 'f32'));
    expect(made).toBe(2);
  });

  it('knows what an element takes in memory', () => {
    expect([scalarOf('vec4<f16>'), scalarOf('atomic<u32>'), scalarOf('i32')]).toEqual(['f16', 'u32', 'i32']);
    expect([elementBytes('vec4<f16>'), elementBytes('vec2<f32>'), elementBytes('atomic<i32>')]).toEqual([8, 8, 4]);
  });
});

const halfKernels: AnyKernel[] = [
  ...([2, 4, 8] as const).flatMap((features) => [
    encodeHashGridKernel(features, 'f16'),
    hashGridPositionBackwardKernel(features, 'f16'),
  ]),
  densityNetworkKernel(16, 2, 64, 16, true, 'f16'),
  densityNetworkKernel(5, 4, 16, 1, false, 'f16'),
  ...(['square', 'large', 'narrow'] as const).flatMap((tile) => [
    denseKernel('relu', true, 'f16', tile),
    denseInputBackwardKernel(true, 'f16', tile),
    denseWeightBackwardKernel('f16', tile),
  ]),
];

/** Every kernel of the ops that makes sums over a workgroup. */
const summing: AnyKernel[] = [clip, colourInputs, dino, losses, poses, queries, raySampling, sumValues, volume]
  .flatMap((module) => Object.values<unknown>(module))
  .filter((value) => (value as Partial<AnyKernel>).spec?.sums !== undefined) as AnyKernel[];

const webgpu = await import('webgpu').catch(() => undefined);
if (!webgpu) console.warn('skipped: texts for optional features (the package "webgpu" is not installed)');

async function expectCompiles(code: string): Promise<void> {
  const gpu = webgpu!.create(['backend=null']);
  const device = await (await gpu.requestAdapter())!.requestDevice({ requiredFeatures: ['shader-f16', 'subgroups'] });
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code });
  const [{ messages }] = await Promise.all([module.getCompilationInfo(), device.popErrorScope()]);
  expect(messages.map(({ lineNum, message }) => `${lineNum}: ${message}`)).toEqual([]);
  await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  device.destroy();
}

describe.skipIf(!webgpu)('texts for optional features', () => {
  it.each(halfKernels.map((made) => [made.name, made] as const))('%s compiles', async (_name, made) => {
    await expectCompiles(made.code('workgroup'));
  });

  it('are there for all kernels that sum', () => {
    expect(summing.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['relevancy', 'sum-values', 'largest-weights']),
    );
    expect(summing.length).toBeGreaterThan(15);
  });

  it.each(summing.map((made) => [made.name, made] as const))('%s compiles with subgroups', async (_name, made) => {
    expect(made.code('subgroup')).toContain('subgroupAdd(');
    await expectCompiles(made.code('subgroup'));
    expect(made.code('workgroup')).not.toContain('subgroup');
  });
});
