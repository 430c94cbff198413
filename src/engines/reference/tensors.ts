/**
 * Named float64 tensors of the reference engine: parameters, gradients, optimiser moments. Plain maps; shapes are
 * those of the model's parameter list.
 */
import type { TensorMap } from '../engine.ts';

export type Tensors = Map<string, Float64Array>;

/** The tensor of that name; a missing one is a defect of the caller. */
export function tensorOf(tensors: Tensors, name: string): Float64Array {
  const values = tensors.get(name);
  if (!values) throw new Error(`no tensor "${name}"`);
  return values;
}

/** Adds `values` to the gradient of that name; the first addition makes it present. */
export function addGradient(gradients: Tensors, name: string, values: Float64Array): void {
  const sum = gradients.get(name);
  if (sum) for (let i = 0; i < sum.length; i++) sum[i] += values[i];
  else gradients.set(name, values.slice());
}

export function toFloat32(tensors: Tensors): TensorMap {
  return new Map(Array.from(tensors, ([name, values]) => [name, Float32Array.from(values)]));
}

export function toFloat64(tensors: TensorMap): Tensors {
  return new Map(Array.from(tensors, ([name, values]) => [name, Float64Array.from(values)]));
}
