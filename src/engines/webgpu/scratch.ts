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
};

const none: ScratchNeeds = {
  gradHidden: 0,
  gradEncoded: 0,
  gradEncodedOther: 0,
  gradOutputs: 0,
  gradCoordinates: 0,
  partials: 0,
};

/** Length of the partial sums of a layer's weight gradient, with or without a bias. */
export function partialsLength(rows: number, inputs: number, outputs: number): number {
  const pieces = (tall: number) => weightSplits(tileFor(tall, outputs), rows, tall - 1, outputs) * tall * outputs;
  return Math.max(pieces(inputs), pieces(inputs + 1));
}

export function scratchRequests(needs: readonly Partial<ScratchNeeds>[]): ArrayRequests {
  const largest = { ...none };
  for (const need of needs)
    for (const key of Object.keys(none) as (keyof ScratchNeeds)[])
      largest[key] = Math.max(largest[key], need[key] ?? 0);
  const { gradHidden, ...single } = largest;
  const lengths = { ...single, gradHidden0: gradHidden, gradHidden1: gradHidden };
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
  };
}
