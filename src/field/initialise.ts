/**
 * First values of a scene's parameters (spec §2.2, §2.3, §4.1): grids uniform, linear layers Xavier uniform, biases
 * that stand for columns of ones as the sum of their draws, appearance normal, poses zero. Every number is a pure
 * function of (seed, parameter name, element), so a scene with one more language field starts from the same radiance
 * field. Language fields all start alike, whatever they are called: two priors differ by what they are taught alone.
 */
import { randomNormal, randomUniform, streams } from '../math/random.ts';
import type { SceneConfig } from './config.ts';
import type { ParameterInfo, TensorMap } from './parameters.ts';
import { describeParameters } from './parameters.ts';

/** FNV-1a of a name, 32 bits: an own random sequence for every parameter. */
function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The first value of every element of one parameter. */
export function initialValues({ name, size, init }: ParameterInfo, seed: number): Float32Array {
  const values = new Float32Array(size);
  const key = nameHash(name.replace(/^language\.[^.]+\./, 'language.'));
  const uniform = (element: number, draw: number, bound: number) =>
    (2 * randomUniform(seed, streams.initialisation, key, element, draw) - 1) * bound;
  for (let i = 0; i < size; i++) {
    if (init.kind === 'uniform') values[i] = uniform(i, 0, init.bound);
    else if (init.kind === 'normal') values[i] = randomNormal(seed, streams.initialisation, key, i);
    else if (init.kind === 'uniform-sum') {
      let sum = 0;
      for (let draw = 0; draw < init.draws; draw++) sum += uniform(i, draw, init.bound);
      values[i] = sum;
    }
  }
  return values;
}

/** All parameters of a scene in checkpoint order. The same seed gives the same bytes. */
export function initialParameters(config: SceneConfig, seed: number): TensorMap {
  return new Map(describeParameters(config).map((info) => [info.name, initialValues(info, seed)]));
}
