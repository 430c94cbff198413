/** Losses and gradients of one training step: the radiance field, then every language field on its samples. */
import type { StepLosses, StepSettings, TrainingBatch } from '../engine.ts';
import { trainingGeometry } from './forward-radiance.ts';
import { chooseLanguageSamples, trainLanguage } from './language.ts';
import type { Model } from './model.ts';
import type { Tensors } from './tensors.ts';
import { trainRadiance } from './train-radiance.ts';

export interface StepResult {
  losses: StepLosses;
  /** Of the parameters that this step trains; others are absent. */
  gradients: Tensors;
}

export function computeStep(model: Model, tensors: Tensors, batch: TrainingBatch, settings: StepSettings): StepResult {
  const gradients: Tensors = new Map();
  const geometry = trainingGeometry(model, tensors, batch, settings.anneal);
  const notComputed = Number.NaN;
  const radiance = settings.trainRadiance
    ? trainRadiance(model, tensors, gradients, batch, geometry, settings.updateProposals)
    : { rgb: notComputed, interlevel: notComputed, distortion: notComputed, pose: notComputed };
  const languages = model.config.languages.map((language, index) => {
    const targets = batch.languages[index];
    if (!settings.trainLanguage || !targets) return { clip: notComputed, dino: notComputed };
    const samples = chooseLanguageSamples(geometry.final, geometry.rays, language.samples);
    return trainLanguage(model, tensors, gradients, language, samples, targets);
  });
  return {
    losses: { ...radiance, clip: languages.map(({ clip }) => clip), dino: languages.map(({ dino }) => dino) },
    gradients,
  };
}
