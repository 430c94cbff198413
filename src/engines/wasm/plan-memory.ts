/**
 * Lays out the CPU engine's shared memory for a scene: parameters and moments, one gradient array and one scratch per
 * thread, packed weights, the batch, the rendering buffers.
 */
import type { LanguageConfig, SceneConfig } from '../../field/config.ts';
import { Arena } from './arena.ts';
import { ThreadParts } from './engine-thread.ts';
import type { Kernels } from './kernels.ts';
import { type ParameterLayout, padTo4 } from './layout.ts';
import type { KernelMemory } from './memory.ts';
import type { BatchAddresses, EnginePlan, RenderAddresses } from './messages.ts';

export interface MemoryDemand {
  config: SceneConfig;
  threads: number;
  tileRays: number;
  /** Largest training batch. */
  batchRays: number;
  /** Rays of one rendering call. */
  renderRays: number;
}

/** Bytes of the shared and the per-thread arena: a dry run of the parts on a memory that is not there. */
function measureArenas(layout: ParameterLayout, { config, threads, tileRays }: MemoryDemand) {
  const shared = new Arena(0);
  const scratch = new Arena(0);
  const none = { values: 0, first: 0, second: 0, gradients: 0, gradientStride: 0 };
  const memory = { buffer: new ArrayBuffer(0) } as unknown as WebAssembly.Memory;
  const kernels: Kernels = {};
  const context = { kernels, memory, thread: 0, threads, layout, addresses: none, shared, scratch, zeros: 0 };
  new ThreadParts(context, { config, tileRays });
  return { sharedBytes: shared.bytes, scratchBytes: scratch.bytes };
}

function widestLayer(config: SceneConfig): number {
  const languages = config.languages.flatMap(({ hiddenWidth, clipDim, dinoWidth, dinoDim }) => [
    hiddenWidth * 2,
    clipDim,
    dinoWidth,
    dinoDim,
  ]);
  return padTo4(Math.max(256, config.radiance.colourWidth, config.radiance.densityWidth, ...languages)) + 16;
}

function placeBatch(memory: KernelMemory, rays: number, languages: readonly LanguageConfig[]): BatchAddresses {
  const vectors = () => memory.allocateFloats(rays * 3);
  return {
    origins: vectors(),
    directions: vectors(),
    gradOrigins: vectors(),
    gradDirections: vectors(),
    colours: vectors(),
    jitter: vectors(),
    cameras: memory.allocate(rays * 4),
    languages: languages.map(({ clipDim, dinoDim }) => ({
      scales: memory.allocateFloats(rays),
      clip: memory.allocateFloats(rays * padTo4(clipDim) + 16),
      valid: memory.allocate(rays),
      dino: dinoDim > 0 ? memory.allocateFloats(rays * padTo4(dinoDim) + 16) : 0,
    })),
  };
}

function placeRender(memory: KernelMemory, rays: number, languages: readonly LanguageConfig[]): RenderAddresses {
  return {
    origins: memory.allocateFloats(rays * 3),
    directions: memory.allocateFloats(rays * 3),
    rgb: memory.allocateFloats(rays * 3),
    depth: memory.allocateFloats(rays),
    accumulation: memory.allocateFloats(rays),
    dino: languages.map(({ dinoDim }) => (dinoDim > 0 ? memory.allocateFloats(rays * padTo4(dinoDim)) : 0)),
  };
}

export function planMemory(memory: KernelMemory, layout: ParameterLayout, demand: MemoryDemand): EnginePlan {
  const { config, threads, tileRays } = demand;
  const { sharedBytes, scratchBytes } = measureArenas(layout, demand);
  const lossStride = Math.ceil((8 * (3 + 2 * config.languages.length)) / 64) * 64;
  const gradientStride = Math.ceil((layout.total * 4) / 64) * 64 + 64;
  const array = () => memory.allocateFloats(layout.total + 16);
  return {
    config,
    threads,
    tileRays,
    zeros: memory.allocateFloats(widestLayer(config)),
    barrier: memory.allocate(64),
    losses: memory.allocate(lossStride * threads),
    lossStride,
    parameters: {
      values: array(),
      first: array(),
      second: array(),
      gradients: memory.allocate(gradientStride * threads),
      gradientStride,
    },
    sharedStart: memory.allocate(sharedBytes),
    scratchStart: memory.allocate(scratchBytes * threads),
    scratchStride: scratchBytes,
    batch: placeBatch(memory, demand.batchRays, config.languages),
    render: placeRender(memory, demand.renderRays, config.languages),
  };
}
