/**
 * The arrays that rendering needs beside the parameters, and how many rays go through at a time. Rays come in slices
 * (what is read back at once); a slice goes through the radiance field in parts and through a language field in blocks,
 * each small enough for its intermediate arrays.
 */
import type { SceneConfig } from '../../field/config.ts';
import { gridWidth } from '../../field/parameters.ts';
import { harmonics } from '../../ops/radiance-rendering/colour-network.wgsl.ts';
import type { Arrays } from './arena.ts';
import type { ArrayRequest } from './memory-plan.ts';

/** Rays at which a part of an array may begin: 64 numbers are 256 bytes. */
const grain = 64;
const whole = (rays: number): number => Math.ceil(rays / grain) * grain;

/** Most rays of a slice and of a part of it. */
const mostRays = 2 ** 18;
const mostPartRays = 2 ** 14;
/** Numbers of an array of activations: 64 MiB. */
const mostNumbers = 2 ** 24;
/** Numbers of results: 128 MiB, the least that every device can bind. */
const mostResults = 2 ** 25;

export interface RenderSizes {
  rays: number;
  partRays: number;
  blockRays: number;
  /** Rows of a language field's hidden activations: samples of some blocks times scales. */
  rows: number;
  /** Numbers of relevancy maps or dense features of a slice. */
  results: number;
}

/** Samples of a ray that a language field sees. */
export const chosenSamples = ({ radiance, languages }: SceneConfig, field: number): number =>
  Math.min(languages[field].samples, radiance.samples);

const largest = (values: readonly number[]): number => Math.max(1, ...values);

/** @param rays that are rendered at once; more go through in several slices */
export function renderSizes(config: SceneConfig, rays: number): RenderSizes {
  const { radiance, languages } = config;
  const capacity = whole(Math.min(Math.max(rays, 1), mostRays));
  const fitting = (perRay: number) => Math.max(grain, Math.floor(mostNumbers / perRay / grain) * grain);
  const samples = Math.max(radiance.samples, ...radiance.proposals.map((proposal) => proposal.samples));
  const chosen = largest(languages.map((_, field) => chosenSamples(config, field)));
  // The widest row of a language field: its encoding, or a hidden layer.
  const width = largest(languages.flatMap((field) => [gridWidth(field.grids), field.hiddenWidth, field.dinoWidth]));
  const blockRays = Math.min(capacity, fitting(chosen * width));
  return {
    rays: capacity,
    partRays: Math.min(capacity, mostPartRays, fitting(4 * samples)),
    blockRays,
    rows: Math.max(blockRays * chosen, Math.min(Math.floor(mostNumbers / width), capacity * chosen * 32)),
    // A ray has at most 255 phrases at some tens of scales.
    results: Math.min(
      mostResults,
      Math.max(2 ** 18, capacity * largest([64, ...languages.map(({ dinoDim }) => dinoDim)])),
    ),
  };
}

const request = <S extends 'f32' | 'u32'>(scalar: S, length: number): ArrayRequest<S> => ({
  scalar,
  length,
  purpose: 'pictures',
});

export function renderRequests(config: SceneConfig, { rays, partRays, blockRays, rows, results }: RenderSizes) {
  const { radiance, languages } = config;
  const samples = Math.max(radiance.samples, ...radiance.proposals.map((proposal) => proposal.samples));
  const chosen = largest(languages.map((_, field) => chosenSamples(config, field)));
  const blocks = Math.ceil(rays / blockRays);
  const listed = languages.length > 0 ? blocks * blockRays * chosen : 1;
  // A row space is never wider than the hidden layer, whose width is a multiple of 4.
  const activations = languages.length > 0 ? rows * largest(languages.map(({ hiddenWidth }) => hiddenWidth)) : 1;
  const points = Math.min(rows, listed);
  const floats = (length: number) => request('f32', length);
  return {
    lines: floats(rays * 6),
    origins: floats(rays * 3),
    directions: floats(rays * 3),
    places: floats(partRays * samples * 4),
    edges: floats(partRays * (samples + 1)),
    nextEdges: floats(partRays * (samples + 1)),
    distances: floats(partRays * (samples + 1)),
    density: floats(partRays * samples),
    weights: floats(partRays * samples),
    outputs: floats(partRays * radiance.samples * (1 + radiance.geometryFeatures)),
    components: floats(partRays * harmonics),
    means: floats(Math.max(1, radiance.appearanceWidth)),
    base: floats(partRays * radiance.colourWidth),
    colours: floats(partRays * radiance.samples * 3),
    rgb: floats(rays * 3),
    depth: floats(rays),
    accumulation: floats(rays),
    indices: request('u32', partRays * chosen),
    spans: request('u32', rays * 2),
    counters: request('u32', blocks),
    listWeights: floats(listed),
    positions: floats(listed * 3),
    encoded: floats(points * largest(languages.map(({ grids }) => gridWidth(grids)))),
    firstLayer: floats(
      points * largest(languages.map(({ hiddenWidth, dinoWidth }) => Math.max(hiddenWidth, dinoWidth))),
    ),
    hidden: floats(activations),
    nextHidden: floats(activations),
    sums: floats(blockRays * largest(languages.map(({ dinoWidth }) => dinoWidth))),
    results: floats(languages.length > 0 ? results : 1),
  };
}

export type RenderArrays = Arrays<ReturnType<typeof renderRequests>>;
