/**
 * The optimisers of a scene (spec §2.8): Adam for proposals, fields and camera poses, RAdam with coupled weight decay
 * 1e-9 for the language fields. A group without any gradient in a step is not stepped, and neither is its counter.
 */
import type { ParameterGroup } from '../../field/parameters.ts';
import { adamStep, defaultBetas, radamStep } from '../../ops/optimisers/optimisers.ts';
import type { LearningRates } from '../engine.ts';
import type { Model } from './model.ts';
import type { Tensors } from './tensors.ts';
import { tensorOf } from './tensors.ts';

export const languageWeightDecay = 1e-9;

export interface Moments {
  first: Tensors;
  second: Tensors;
  /** Steps taken per parameter group. */
  steps: Map<ParameterGroup, number>;
}

export function emptyMoments({ parameters }: Model): Moments {
  const zeros = (): Tensors => new Map(Array.from(parameters, ([name, { size }]) => [name, new Float64Array(size)]));
  return {
    first: zeros(),
    second: zeros(),
    steps: new Map(Array.from(parameters.values(), ({ group }): [ParameterGroup, number] => [group, 0])),
  };
}

/** Moves `tensors` and `moments` by one step along `gradients`. */
export function applyGradients(
  { parameters }: Model,
  tensors: Tensors,
  moments: Moments,
  gradients: Tensors,
  rates: LearningRates,
): void {
  const trained = [...parameters.values()].filter(({ name }) => gradients.has(name));
  for (const group of new Set(trained.map((info) => info.group)))
    moments.steps.set(group, (moments.steps.get(group) ?? 0) + 1);
  for (const { name, group, rateFactor } of trained) {
    const settings = { ...defaultBetas, rate: rates[group] * rateFactor, step: moments.steps.get(group)! };
    const values = tensorOf(tensors, name);
    const first = tensorOf(moments.first, name);
    const second = tensorOf(moments.second, name);
    const gradient = tensorOf(gradients, name);
    if (group === 'language')
      radamStep(values, first, second, gradient, { ...settings, weightDecay: languageWeightDecay });
    else adamStep(values, first, second, gradient, settings);
  }
}
