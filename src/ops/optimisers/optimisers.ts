/**
 * Adam and RAdam as torch computes them (spec §2.8): the reference that steps whole arrays in place. Learning-rate
 * schedules are in `../schedules`; which parameters form a group is the engine's business.
 */

export type FloatArray = Float32Array | Float64Array;

export interface AdamSettings {
  rate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Number of this update, from 1: drives the bias corrections. */
  step: number;
}

export interface RAdamSettings extends AdamSettings {
  /** Coupled: added to the gradient as weightDecay · parameter. */
  weightDecay: number;
}

/** Every group of the original uses these. */
export const defaultBetas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-15 } as const;

/** 1 − β^t of both moments. */
export function biasCorrections({ beta1, beta2, step }: Pick<AdamSettings, 'beta1' | 'beta2' | 'step'>): {
  correction1: number;
  correction2: number;
} {
  return { correction1: 1 - beta1 ** step, correction2: 1 - beta2 ** step };
}

/** RAdam's variance rectification at update t ≥ 1; null while ρ_t ≤ 5 (the first 5 updates for β2 = 0.999). */
export function rectification(beta2: number, step: number): number | null {
  const limit = 2 / (1 - beta2) - 1;
  const decay = beta2 ** step;
  const rho = limit - (2 * step * decay) / (1 - decay);
  if (rho <= 5) return null;
  return Math.sqrt(((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho));
}

/** p −= rate · m̂ / (√v̂ + ε), with m and v updated first. All arrays have the same length and change in place. */
export function adamStep(
  parameters: FloatArray,
  first: FloatArray,
  second: FloatArray,
  gradients: ArrayLike<number>,
  settings: AdamSettings,
): void {
  const { rate, beta1, beta2, epsilon } = settings;
  const { correction1, correction2 } = biasCorrections(settings);
  for (let i = 0; i < parameters.length; i++) {
    const g = gradients[i];
    first[i] = beta1 * first[i] + (1 - beta1) * g;
    second[i] = beta2 * second[i] + (1 - beta2) * g * g;
    parameters[i] -= (rate * (first[i] / correction1)) / (Math.sqrt(second[i] / correction2) + epsilon);
  }
}

/** Rectified Adam; until the variance is rectifiable a step is plain bias-corrected momentum. */
export function radamStep(
  parameters: FloatArray,
  first: FloatArray,
  second: FloatArray,
  gradients: ArrayLike<number>,
  settings: RAdamSettings,
): void {
  const { rate, beta1, beta2, epsilon, weightDecay, step } = settings;
  const { correction1, correction2 } = biasCorrections(settings);
  const rectified = rectification(beta2, step);
  for (let i = 0; i < parameters.length; i++) {
    const g = gradients[i] + weightDecay * parameters[i];
    first[i] = beta1 * first[i] + (1 - beta1) * g;
    second[i] = beta2 * second[i] + (1 - beta2) * g * g;
    const momentum = first[i] / correction1;
    const factor = rectified === null ? 1 : (rectified * Math.sqrt(correction2)) / (Math.sqrt(second[i]) + epsilon);
    parameters[i] -= rate * momentum * factor;
  }
}
