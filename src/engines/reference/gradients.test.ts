/**
 * The reference engine's gradients against central differences of the total loss, in its normal (tcnn) configuration.
 *
 * Parts of the loss are constants for the gradient (spec §2.7, §4.4, §4.6): the samples' distances, the final weights
 * inside the interlevel loss, and the language field's samples, weights and scales. The differences are therefore
 * taken of a loss in which these are frozen at their values before the change. Gate: 1e-6 of the tensor's largest
 * gradient, plus 1e-9 because a loss of about 4 cannot be differenced more finely by steps of 1e-6.
 */
import { describe, expect, it } from 'vitest';
import { lossWeights } from '../../field/config.ts';
import { poseRegulariser } from '../../ops/pose-refinement/pose-refinement.ts';
import type { StepSettings, TrainingBatch } from '../engine.ts';
import { trainingGeometry, trainingShading } from './forward-radiance.ts';
import type { LanguageSamples } from './language.ts';
import { chooseLanguageSamples, trainLanguage } from './language.ts';
import type { Model } from './model.ts';
import { buildModel } from './model.ts';
import { colourLoss, distortionOfRound, interlevelOfRound } from './radiance-losses.ts';
import type { Placement } from './rounds.ts';
import { rowOf } from './rounds.ts';
import { computeStep } from './step.ts';
import type { Tensors } from './tensors.ts';
import { tensorOf } from './tensors.ts';
import { tinyBatch, tinyConfig, tinyParameters } from './tiny-scene.fixture.ts';

const settings: StepSettings = {
  step: 3,
  trainRadiance: true,
  trainLanguage: true,
  updateProposals: true,
  anneal: 0.6,
  learningRates: { proposal: 0.01, fields: 0.01, camera: 0.001, language: 0.01 },
};

/** The total loss as a function of the parameters with everything detached frozen at `tensors`. */
function frozenLoss(model: Model, tensors: Tensors, batch: TrainingBatch): (moved: Tensors) => number {
  const before = trainingGeometry(model, tensors, batch, settings.anneal);
  const placement: Placement = (round, ray, samples) => rowOf(before.rounds[round].spacing, ray, samples + 1);
  const finalWeights = before.final.weights.slice();
  const languageSamples = model.config.languages.map((language): LanguageSamples => {
    return chooseLanguageSamples(before.final, before.rays, language.samples);
  });
  return (moved) => {
    const geometry = trainingGeometry(model, moved, batch, settings.anneal, placement);
    const { final, rounds } = geometry;
    let loss = colourLoss(trainingShading(model, moved, batch, geometry).rgb, batch.colours).loss;
    loss += lossWeights.distortion * distortionOfRound(final).loss;
    for (const round of rounds.slice(0, -1)) loss += interlevelOfRound(final, finalWeights, round).loss;
    loss += poseRegulariser(tensorOf(moved, 'camera.pose')).loss;
    model.config.languages.forEach((language, index) => {
      const targets = batch.languages[index];
      const { clip, dino } = trainLanguage(model, moved, new Map(), language, languageSamples[index], targets);
      loss += clip + (Number.isNaN(dino) ? 0 : dino);
    });
    return loss;
  };
}

/** Indices worth a look: the largest gradients and a few others that are not zero, at most 8. */
function sampleOf(gradient: Float64Array): number[] {
  const nonZero = [...gradient.keys()].filter((index) => gradient[index] !== 0);
  nonZero.sort((a, b) => Math.abs(gradient[b]) - Math.abs(gradient[a]));
  return nonZero.filter((_, rank) => rank < 4 || rank % Math.ceil(nonZero.length / 4) === 0).slice(0, 8);
}

describe('gradients of the total loss', () => {
  const model = buildModel(tinyConfig());
  const tensors = tinyParameters(model);
  const batch = tinyBatch(model.config);
  const { losses, gradients } = computeStep(model, tensors, batch, settings);
  const lossOf = frozenLoss(model, tensors, batch);

  it('come with the losses of the same pass', () => {
    const clip = losses.clip.reduce((a, b) => a + b, 0);
    const dino = losses.dino.reduce((a, b) => a + (Number.isNaN(b) ? 0 : b), 0);
    const { rgb, interlevel, distortion, pose } = losses;
    expect(losses.dino[1]).toBeNaN();
    expect(lossOf(tensors)).toBeCloseTo(
      rgb + interlevel + lossWeights.distortion * distortion + pose + clip + dino,
      12,
    );
  });

  it.each([...model.parameters.keys()])('agree with central differences: %s', (name) => {
    const gradient = tensorOf(gradients, name);
    const values = tensorOf(tensors, name);
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const chosen = sampleOf(gradient);
    expect(chosen.length).toBeGreaterThanOrEqual(Math.min(3, values.length));
    for (const index of chosen) {
      const kept = values[index];
      const step = 1e-6;
      values[index] = kept + step;
      const above = lossOf(tensors);
      values[index] = kept - step;
      const below = lossOf(tensors);
      values[index] = kept;
      const difference = (above - below) / (2 * step);
      expect(
        Math.abs(gradient[index] - difference),
        `${name}[${index}]: ${gradient[index]}, by differences ${difference}`,
      ).toBeLessThanOrEqual(1e-6 * largest + 1e-9);
    }
  });
});

describe('gradient flow', () => {
  const model = buildModel(tinyConfig());
  const tensors = tinyParameters(model);
  const batch = tinyBatch(model.config);
  const gradientsWith = (change: Partial<StepSettings>, changedBatch = batch): Tensors =>
    computeStep(model, tensors, changedBatch, { ...settings, ...change }).gradients;
  const groupsOf = (gradients: Tensors): string[] =>
    [...new Set([...gradients.keys()].map((name) => model.parameters.get(name)!.group))].sort();

  it('leaves the proposals out of steps that do not update them, and their pull on the poses with them', () => {
    const updating = gradientsWith({});
    const resting = gradientsWith({ updateProposals: false });
    expect(groupsOf(updating)).toEqual(['camera', 'fields', 'language', 'proposal']);
    expect(groupsOf(resting)).toEqual(['camera', 'fields', 'language']);
    expect(resting.get('radiance.grid')).toEqual(updating.get('radiance.grid'));
    expect(resting.get('camera.pose')).not.toEqual(updating.get('camera.pose'));
  });

  it('keeps language losses away from geometry and poses', () => {
    const withLanguage = gradientsWith({});
    const without = gradientsWith({ trainLanguage: false }, { ...batch, languages: [] });
    expect(groupsOf(without)).toEqual(['camera', 'fields', 'proposal']);
    for (const [name, gradient] of without) expect(gradient).toEqual(withLanguage.get(name));
  });

  it('freezes geometry without changing what the language field learns', () => {
    const joint = gradientsWith({});
    const frozen = gradientsWith({ trainRadiance: false });
    expect(groupsOf(frozen)).toEqual(['language']);
    for (const [name, gradient] of frozen) expect(gradient).toEqual(joint.get(name));
    const { losses } = computeStep(model, tensors, batch, { ...settings, trainRadiance: false });
    expect(losses.rgb).toBeNaN();
    expect(losses.clip.every(Number.isFinite)).toBe(true);
  });

  it('ignores rays without a target', () => {
    const [language, ...others] = batch.languages;
    const invalid = language.valid.slice();
    invalid[5] = 0;
    const poisoned = language.clip.slice();
    poisoned[5 * model.config.languages[0].clipDim] = Number.NaN;
    const left = gradientsWith({}, { ...batch, languages: [{ ...language, valid: invalid }, ...others] });
    const nan = gradientsWith({}, { ...batch, languages: [{ ...language, clip: poisoned }, ...others] });
    for (const [name, gradient] of left) {
      expect(gradient.every(Number.isFinite), name).toBe(true);
      expect(nan.get(name)).toEqual(gradient);
    }
  });
});
