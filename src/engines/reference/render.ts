/**
 * Rendering in evaluation mode (spec §3.3, §4): no jitter, near plane 0, mean appearance, no pose refinement, full
 * annealing. Query scales are fed to the CLIP head as they are.
 */
import type { LanguageConfig } from '../../field/config.ts';
import { projections, relevancy } from '../../ops/relevancy/relevancy.ts';
import { accumulation, displayColour, medianDepth } from '../../ops/volume-rendering/volume-rendering.ts';
import type { PhraseQuery, ProjectionQuery, RayBundle, RenderRequest, RenderResult } from '../engine.ts';
import { requireCanonical } from '../projections.ts';
import { meanAppearance, shade } from './colour.ts';
import { chooseLanguageSamples, encodeLanguage, renderClip, renderDino } from './language.ts';
import type { Model } from './model.ts';
import type { Rays, Round } from './rounds.ts';
import { evaluateRounds, evaluationRange, rowOf, samplerPlacement } from './rounds.ts';
import type { Tensors } from './tensors.ts';

/** The rounds of rays as pictures and queries see them. */
export function evaluationRounds(model: Model, tensors: Tensors, rays: Rays): Round[] {
  return evaluateRounds(model, tensors, rays, evaluationRange(model.config), samplerPlacement(null, 1));
}

export function renderRays(model: Model, tensors: Tensors, bundle: RayBundle, request: RenderRequest): RenderResult {
  const rays: Rays = {
    count: bundle.count,
    origins: Float64Array.from(bundle.origins),
    directions: Float64Array.from(bundle.directions),
  };
  const final = evaluationRounds(model, tensors, rays).at(-1)!;
  const result: RenderResult = {};
  if (request.appearance) {
    const { rgb } = shade(model, tensors, rays, final, meanAppearance(model, tensors, rays.count));
    result.rgb = Float32Array.from(displayColour(rgb));
    Object.assign(result, renderGeometry(final, rays.count));
  }
  if (request.query) result.relevancy = renderRelevancy(model, tensors, rays, final, request.query);
  if (request.projections) result.projections = renderProjections(model, tensors, rays, final, request.projections);
  if (request.dino) {
    const language = languageAt(model, request.dino.field);
    const samples = chooseLanguageSamples(final, rays, language.samples);
    const encoded = encodeLanguage(model, tensors, language, samples.points);
    result.dino = Float32Array.from(renderDino(model, tensors, language, samples, encoded));
  }
  return result;
}

function renderGeometry(final: Round, rays: number): { depth: Float32Array; accumulation: Float32Array } {
  const depth = new Float32Array(rays);
  const accumulated = new Float32Array(rays);
  for (let ray = 0; ray < rays; ray++) {
    const weights = rowOf(final.weights, ray, final.samples);
    depth[ray] = medianDepth(weights, rowOf(final.distances, ray, final.samples + 1));
    accumulated[ray] = accumulation(weights);
  }
  return { depth, accumulation: accumulated };
}

function languageAt({ config }: Model, field: number) {
  const language = config.languages[field];
  if (!language) throw new RangeError(`the scene has no language field ${field}`);
  return language;
}

/** 'sweep': [scales, phrases, rays]; 'kept': [phrases, rays]. */
function renderRelevancy(model: Model, tensors: Tensors, rays: Rays, final: Round, query: PhraseQuery): Float32Array {
  requireCanonical(query);
  const { field, positives, negatives, scales, mode } = query;
  const language = languageAt(model, field);
  const dim = language.clipDim;
  const phrases = positives.length / dim;
  if (mode === 'kept' && scales.length !== phrases)
    throw new RangeError(`${phrases} phrases need as many kept scales, not ${scales.length}`);
  const embeddingsAt = clipRenderer(model, tensors, rays, final, language);
  const maps = Array.from(scales, (scale, index) => {
    const embeddings = embeddingsAt(scale);
    const asked = mode === 'sweep' ? positives : positives.subarray(index * dim, (index + 1) * dim);
    return relevancy(dim, embeddings, asked, negatives);
  });
  return Float32Array.from(maps.flatMap((map) => Array.from(map)));
}

function renderProjections(
  model: Model,
  tensors: Tensors,
  rays: Rays,
  final: Round,
  { field, directions, scale }: ProjectionQuery,
): Float32Array {
  const language = languageAt(model, field);
  const embeddings = clipRenderer(model, tensors, rays, final, language)(scale);
  return Float32Array.from(projections(language.clipDim, embeddings, directions));
}

/** φ [rays, clipDim] of the rays at any scale. */
function clipRenderer(
  model: Model,
  tensors: Tensors,
  rays: Rays,
  final: Round,
  language: LanguageConfig,
): (scale: number) => Float64Array {
  const samples = chooseLanguageSamples(final, rays, language.samples);
  const encoded = encodeLanguage(model, tensors, language, samples.points);
  return (scale) => {
    const fed = new Float64Array(samples.weights.length).fill(scale);
    return renderClip(model, tensors, language, samples, encoded, fed);
  };
}
