/**
 * The language field (spec §2): which samples it is evaluated on, its two heads, and one training step. Positions,
 * weights and scales are constants here, so its losses reach its own grids and heads and nothing else (§2.7). This
 * is the direct form with one embedding per sample; engines use the factored form of `ops/language-rendering`.
 */
import type { LanguageConfig } from '../../field/config.ts';
import { ballCoordinates } from '../../ops/contraction/contraction.ts';
import {
  clipLoss,
  dinoLoss,
  renderEmbeddings,
  renderEmbeddingsBackward,
  renderFeatures,
  renderFeaturesBackward,
} from '../../ops/language-rendering/language-rendering.ts';
import { mlpBackward, mlpForward } from '../../ops/mlp/mlp.ts';
import { largestWeights } from '../../ops/ray-sampling/ray-sampling.ts';
import type { LanguageTargets } from '../engine.ts';
import type { Model } from './model.ts';
import { addLayerGradients, encodePositions, encodePositionsBackward, layersOf } from './model.ts';
import type { Rays, Round } from './rounds.ts';
import { rowOf } from './rounds.ts';
import type { Tensors } from './tensors.ts';
import { addGradient, tensorOf } from './tensors.ts';

/** The samples of every ray that a language field sees. */
export interface LanguageSamples {
  rays: number;
  /** Per ray. */
  count: number;
  /** [rays, count, 3] scene frame */
  points: Float64Array;
  /** [rays, count] rendering weights, not renormalised */
  weights: Float64Array;
  /** [rays, count] scene units from the ray's origin */
  distances: Float64Array;
}

export interface LanguageLosses {
  clip: number;
  /** NaN without a DINO head or target. */
  dino: number;
}

/** The samples with the largest weights, in order along the ray (§2.4). */
export function chooseLanguageSamples(final: Round, rays: Rays, wanted: number): LanguageSamples {
  const count = Math.min(wanted, final.samples);
  const size = rays.count * count;
  const points = new Float64Array(size * 3);
  const weights = new Float64Array(size);
  const distances = new Float64Array(size);
  for (let ray = 0; ray < rays.count; ray++) {
    const [x, y, z] = rowOf(rays.origins, ray, 3);
    largestWeights(rowOf(final.weights, ray, final.samples), count).forEach((sample, j) => {
      const point = rowOf(final.evaluation.points, ray * final.samples + sample, 3);
      points.set(point, (ray * count + j) * 3);
      weights[ray * count + j] = final.weights[ray * final.samples + sample];
      distances[ray * count + j] = Math.hypot(point[0] - x, point[1] - y, point[2] - z);
    });
  }
  return { rays: rays.count, count, points, weights, distances };
}

const prefixOf = (language: LanguageConfig): string => `language.${language.name}`;

/** Width of the concatenated grids. */
const encodedWidth = (language: LanguageConfig): number =>
  language.grids.reduce((sum, { levels, features }) => sum + levels * features, 0);

/** Features of all grids at the samples, [rays * count, encodedWidth]: grid after grid within a row. */
export function encodeLanguage(
  model: Model,
  tensors: Tensors,
  language: LanguageConfig,
  points: Float64Array,
): Float64Array {
  const coordinates = ballCoordinates(points);
  const width = encodedWidth(language);
  const encoded = new Float64Array((points.length / 3) * width);
  let offset = 0;
  language.grids.forEach((grid, index) => {
    const table = tensorOf(tensors, `${prefixOf(language)}.grid.${index}`);
    const part = encodePositions(model, grid, coordinates, table);
    const partWidth = grid.levels * grid.features;
    for (let row = 0; row < points.length / 3; row++) encoded.set(rowOf(part, row, partWidth), row * width + offset);
    offset += partWidth;
  });
  return encoded;
}

function encodeLanguageBackward(
  model: Model,
  tensors: Tensors,
  gradients: Tensors,
  language: LanguageConfig,
  points: Float64Array,
  gradEncoded: Float64Array,
): void {
  const coordinates = ballCoordinates(points);
  const width = encodedWidth(language);
  let offset = 0;
  language.grids.forEach((grid, index) => {
    const name = `${prefixOf(language)}.grid.${index}`;
    const first = offset;
    const gradPart = gradEncoded.filter(
      (_, i) => i % width >= first && i % width < first + grid.levels * grid.features,
    );
    const { gradTable } = encodePositionsBackward(model, grid, coordinates, tensorOf(tensors, name), gradPart);
    addGradient(gradients, name, gradTable);
    offset += grid.levels * grid.features;
  });
}

/** Stages of the CLIP head; the last is [rows, clipDim] embeddings, not unit length. `scales` [rows]. */
export function clipHead(
  model: Model,
  tensors: Tensors,
  language: LanguageConfig,
  encoded: Float64Array,
  scales: Float64Array,
): Float64Array[] {
  const width = encodedWidth(language);
  const inputs = new Float64Array(scales.length * (width + 1));
  scales.forEach((scale, row) => {
    inputs.set(rowOf(encoded, row, width), row * (width + 1));
    inputs[row * (width + 1) + width] = scale;
  });
  return mlpForward(layersOf(model, tensors, `${prefixOf(language)}.clip`), inputs);
}

/** Stages of the DINO head; the last is [rows, dinoDim]. */
export function dinoHead(
  model: Model,
  tensors: Tensors,
  language: LanguageConfig,
  encoded: Float64Array,
): Float64Array[] {
  return mlpForward(layersOf(model, tensors, `${prefixOf(language)}.dino`), encoded);
}

/** φ of every ray, [rays, clipDim]; `scales` [rays, count] as fed to the head. */
export function renderClip(
  model: Model,
  tensors: Tensors,
  language: LanguageConfig,
  samples: LanguageSamples,
  encoded: Float64Array,
  scales: Float64Array,
): Float64Array {
  const shape = { rays: samples.rays, samples: samples.count, dim: language.clipDim };
  const raw = clipHead(model, tensors, language, encoded, scales).at(-1)!;
  return renderEmbeddings(shape, raw, samples.weights);
}

/** δ of every ray, [rays, dinoDim]. */
export function renderDino(
  model: Model,
  tensors: Tensors,
  language: LanguageConfig,
  samples: LanguageSamples,
  encoded: Float64Array,
): Float64Array {
  const shape = { rays: samples.rays, samples: samples.count, dim: language.dinoDim };
  return renderFeatures(shape, dinoHead(model, tensors, language, encoded).at(-1)!, samples.weights);
}

/** s_j = u · (H0/fy0) · d_j (§1.7), [rays, count]. */
export function trainingScales(samples: LanguageSamples, targets: LanguageTargets): Float64Array {
  return samples.distances.map(
    (distance, j) => targets.scales[Math.floor(j / samples.count)] * targets.heightOverFocal * distance,
  );
}

/** Losses of one language field for one batch; adds the gradients of its parameters. */
export function trainLanguage(
  model: Model,
  tensors: Tensors,
  gradients: Tensors,
  language: LanguageConfig,
  samples: LanguageSamples,
  targets: LanguageTargets,
): LanguageLosses {
  const encoded = encodeLanguage(model, tensors, language, samples.points);
  const clip = trainClip(model, tensors, gradients, language, samples, encoded, targets);
  const dino = trainDino(model, tensors, gradients, language, samples, encoded, targets);
  const width = encodedWidth(language);
  // The CLIP head's rows have one input more, the scale, which is a constant.
  const gradEncoded = clip.gradInputs.filter((_, index) => index % (width + 1) < width);
  dino?.gradInputs.forEach((value, index) => {
    gradEncoded[index] += value;
  });
  encodeLanguageBackward(model, tensors, gradients, language, samples.points, gradEncoded);
  return { clip: clip.loss, dino: dino?.loss ?? Number.NaN };
}

interface HeadStep {
  loss: number;
  gradInputs: Float64Array;
}

function trainClip(
  model: Model,
  tensors: Tensors,
  gradients: Tensors,
  language: LanguageConfig,
  samples: LanguageSamples,
  encoded: Float64Array,
  targets: LanguageTargets,
): HeadStep {
  const name = `${prefixOf(language)}.clip`;
  const shape = { rays: samples.rays, samples: samples.count, dim: language.clipDim };
  const activations = clipHead(model, tensors, language, encoded, trainingScales(samples, targets));
  const raw = activations[activations.length - 1];
  const embeddings = renderEmbeddings(shape, raw, samples.weights);
  const { loss, gradRendered } = clipLoss(language.clipDim, embeddings, targets.clip, targets.valid);
  const gradRaw = renderEmbeddingsBackward(shape, raw, samples.weights, gradRendered);
  const mlp = mlpBackward(layersOf(model, tensors, name), activations, gradRaw);
  addLayerGradients(gradients, name, mlp);
  return { loss, gradInputs: mlp.gradInputs };
}

function trainDino(
  model: Model,
  tensors: Tensors,
  gradients: Tensors,
  language: LanguageConfig,
  samples: LanguageSamples,
  encoded: Float64Array,
  targets: LanguageTargets,
): HeadStep | undefined {
  if (language.dinoDim === 0 || !targets.dino) return undefined;
  const name = `${prefixOf(language)}.dino`;
  const shape = { rays: samples.rays, samples: samples.count, dim: language.dinoDim };
  const activations = dinoHead(model, tensors, language, encoded);
  const rendered = renderFeatures(shape, activations[activations.length - 1], samples.weights);
  const { loss, gradRendered } = dinoLoss(language.dinoDim, rendered, targets.dino);
  const gradOutputs = renderFeaturesBackward(shape, samples.weights, gradRendered);
  const mlp = mlpBackward(layersOf(model, tensors, name), activations, gradOutputs);
  addLayerGradients(gradients, name, mlp);
  return { loss, gradInputs: mlp.gradInputs };
}
