/**
 * The gate that a training step of any engine must pass against the float64 reference:
 * - losses within 1e-4 relative;
 * - gradient of every parameter tensor: relative L2 < 2e-3, cosine > 0.99999, |signed bias| < 1e-3 of the norm, no NaN.
 */
import { expect } from 'vitest';
import type { StepLosses, StepSettings, TensorMap } from './engine.ts';
import { compare } from './parity-scene.fixture.ts';
import type { ReferenceEngine } from './reference/reference-engine.ts';

/** After the first step of fresh moments with β₁ = 0.9 the first moment is a tenth of the gradient. */
const gradientOfMoment = 10;

export function expectSameStep(
  losses: StepLosses,
  firstMoments: TensorMap,
  expected: Awaited<ReturnType<ReferenceEngine['gradients']>>,
  settings: StepSettings,
): void {
  for (const key of ['rgb', 'interlevel', 'distortion', 'pose'] as const)
    if (settings.trainRadiance) expect(losses[key] / expected.losses[key], key).toBeCloseTo(1, 4);
  if (settings.trainLanguage) {
    for (const field of [0, 1]) expect(losses.clip[field] / expected.losses.clip[field], 'clip').toBeCloseTo(1, 4);
    expect(losses.dino[0] / expected.losses.dino[0], 'dino').toBeCloseTo(1, 4);
  }
  for (const [name, moment] of firstMoments) {
    const gradient = expected.gradients.get(name);
    const found = moment.map((m) => m * gradientOfMoment);
    if (!gradient) {
      expect(Math.max(...found.map(Math.abs)), `${name} is not trained`).toBe(0);
      continue;
    }
    const { relative, cosine, bias, norm } = compare(found, gradient);
    if (norm === 0) continue;
    expect(relative, `relative L2 of ${name}`).toBeLessThan(2e-3);
    expect(cosine, `cosine of ${name}`).toBeGreaterThan(0.99999);
    expect(bias, `bias of ${name}`).toBeLessThan(1e-3);
  }
}
