/**
 * Arrays that the parts of a step share one after the other: gradients of activations and partial sums of weight
 * gradients. Every part says what it needs; the plan takes the largest.
 */
import { tileFor, weightSplits } from '../../ops/mlp/dense.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import type { Arena } from './arena.ts';
import type { ArrayRequests } from './memory-plan.ts';

/** Lengths in scalars. */
export interface ScratchNeeds {
  /** Gradients of hidden activations; two arrays of this length take turns. */
  gradHidden: number;
  /** Gradients of encodings. */
  gradEncoded: number;
  /** Gradients of encodings by a second head; 0 where there is none. */
  gradEncodedOther: number;
  /** Gradients of network outputs. */
  gradOutputs: number;
  /** Gradients of grid coordinates. */
  gradCoordinates: number;
  /** Partial sums of a weight gradient. */
  partials: number;
}

export type ScratchArrays = { readonly [K in Exclude<keyof ScratchNeeds, 'gradHidden'>]: GpuArray<'f32'> } & {
  readonly gradHidden: readonly [GpuArray<'f32'>, GpuArray<'f32'>];
  /** Bound where a kernel has a buffer that it will not touch. */
  readonly unused: GpuArray<'f32'>;
};

const none: ScratchNeeds = {
  gradHidden: 0,
  gradEncoded: 0,
  gradEncodedOther: 0,
  gradOutputs: 0,
  gradCoordinates: 0,
  partials: 0,
};

/** Length of the partial sums of a layer's weight gradient. */
export function partialsLength(rows: number, inputs: number, outputs: number): number {
  return weightSplits(tileFor(inputs + 1, outputs), rows, inputs, outputs) * (inputs + 1) * outputs;
}

export function scratchRequests(needs: readonly Partial<ScratchNeeds>[]): ArrayRequests {
  const largest = { ...none };
  for (const need of needs)
    for (const key of Object.keys(none) as (keyof ScratchNeeds)[])
      largest[key] = Math.max(largest[key], need[key] ?? 0);
  const { gradHidden, ...single } = largest;
  const lengths = { ...single, gradHidden0: gradHidden, gradHidden1: gradHidden, unused: 4 };
  return Object.fromEntries(
    Object.entries(lengths).map(([name, length]) => [
      `scratch.${name}`,
      { scalar: 'f32', length, purpose: 'activations' },
    ]),
  );
}

export function findScratch(arena: Arena): ScratchArrays {
  const find = (name: string) => arena.find('f32', `scratch.${name}`);
  return {
    gradHidden: [find('gradHidden0'), find('gradHidden1')],
    gradEncoded: find('gradEncoded'),
    gradEncodedOther: find('gradEncodedOther'),
    gradOutputs: find('gradOutputs'),
    gradCoordinates: find('gradCoordinates'),
    partials: find('partials'),
    unused: find('unused'),
  };
}
