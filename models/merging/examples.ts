/**
 * Examples for the merging network: the pairs that merging meets on pictures whose instances are known. Merging follows
 * the network of that stage of the training alone, without the rule of the product, so the network learns from the
 * regions that its predecessor made.
 */
import type { ImageCodec } from '../../src/platform/platform.ts';
import { randomUniform } from '../../src/math/random.ts';
import { overSegment } from '../../src/regions/builtin-segmenter.ts';
import { pairFeatureCount } from '../../src/regions/pair-features.ts';
import { buildRegionGraph, type RegionGraph } from '../../src/regions/region-graph.ts';
import { correctedRule, mergeRegions } from '../../src/regions/region-merging.ts';
import type { SegmenterSettings } from '../../src/regions/segmenter-options.ts';
import { drawFrom } from '../../src/scenes/draw.ts';
import { photographed } from './photograph.ts';
import type { TruePicture } from './pictures.ts';

/** The pieces of a picture and what they show. */
export interface Pieces {
  graph: RegionGraph;
  /** Instances, the one of number 0 (nothing) included. */
  instances: number;
  /** [pieces, instances] pixels */
  truth: Float64Array;
}

export interface Examples {
  count: number;
  /** [capacity, pairFeatureCount] */
  features: Float32Array;
  /** [capacity] share of pixel pairs, one of either region, that are of the same instance */
  targets: Float32Array;
  /** [capacity] */
  weights: Float32Array;
}

const exampleStream = 62;

/** Random working sizes: of real photos, some are sharp at the working size and some are enlarged. */
const workingSides = [640, 640, 480, 400];

/** @param seed 0 leaves the picture as it was rendered and takes the working size of the product */
export async function piecesOf(
  picture: TruePicture,
  settings: SegmenterSettings,
  images: Pick<ImageCodec, 'resize'>,
  seed: number,
): Promise<Pieces> {
  const { instances } = picture;
  const rgb = seed === 0 ? picture.rgb : photographed(picture.rgb, picture.width, picture.height, seed);
  const side = seed === 0 ? settings.workingSide : drawFrom(seed, 38).pick(workingSides);
  const scale = Math.min(3, side / Math.max(picture.width, picture.height));
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const own = { width: picture.width, height: picture.height, channels: 3 as const, data: rgb };
  const { data } = scale === 1 ? own : await images.resize(own, width, height);
  const { measures, pieces } = overSegment({ width, height, rgb: data as Uint8Array }, settings);
  const count = instances.reduce((most, id) => Math.max(most, id), 0) + 1;
  const truth = new Float64Array(pieces.count * count);
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) {
      const source = Math.floor((row + 0.5) / scale) * picture.width + Math.floor((col + 0.5) / scale);
      truth[pieces.labels[row * width + col] * count + instances[Math.min(source, instances.length - 1)]]++;
    }
  return { graph: buildRegionGraph(measures, pieces), instances: count, truth };
}

/** Merges the pieces and adds a share of all pairs that were judged to the examples. */
export function addExamples(
  examples: Examples,
  { graph, instances, truth: pieceTruth }: Pieces,
  settings: SegmenterSettings,
  logitOf: (features: ArrayLike<number>, target: number) => number,
  share: number,
  seed: number,
): void {
  const own = structuredClone(graph);
  const truth = pieceTruth.slice();
  let pairs = 0;
  const cost = (features: Float64Array, a: number, b: number) => {
    const target = sameness(own, truth, instances, a, b);
    if (randomUniform(seed, exampleStream, pairs++) < share) {
      const at = examples.count++;
      examples.features.set(features, at * pairFeatureCount);
      examples.targets[at] = target;
      examples.weights[at] = Math.sqrt(Math.sqrt(Math.min(own.sizes[a], own.sizes[b]) / own.pixels));
    }
    return -logitOf(features, target);
  };
  const merged = (kept: number, gone: number) => addTruth(truth, instances, kept, gone);
  mergeRegions(own, settings, undefined, { cost, merged });
}

function sameness(graph: RegionGraph, truth: Float64Array, instances: number, a: number, b: number): number {
  let same = 0;
  for (let k = 0; k < instances; k++) same += truth[a * instances + k] * truth[b * instances + k];
  return same / (graph.sizes[a] * graph.sizes[b]);
}

function addTruth(truth: Float64Array, instances: number, to: number, from: number): void {
  for (let k = 0; k < instances; k++) truth[to * instances + k] += truth[from * instances + k];
}

/** Intersection over union of every instance of at least `leastShare` of the picture with its best region. */
export function bestOverlaps(
  { graph, instances, truth: pieceTruth }: Pieces,
  settings: SegmenterSettings,
  logitOf: (features: ArrayLike<number>) => number,
  leastShare = 0.002,
): { overlaps: number[]; regions: number } {
  const own = structuredClone(graph);
  const { regionOf, count } = mergeRegions(own, settings, undefined, correctedRule(own, settings, logitOf));
  const truth = new Float64Array(count * instances);
  const sizes = new Float64Array(count);
  const areas = new Float64Array(instances);
  for (const [piece, region] of regionOf.entries())
    for (let k = 0; k < instances; k++) {
      const pixels = pieceTruth[piece * instances + k];
      truth[region * instances + k] += pixels;
      sizes[region] += pixels;
      areas[k] += pixels;
    }
  const overlaps: number[] = [];
  for (let k = 1; k < instances; k++) {
    if (areas[k] < leastShare * graph.pixels) continue;
    let best = 0;
    for (let region = 0; region < count; region++) {
      const common = truth[region * instances + k];
      best = Math.max(best, common / (areas[k] + sizes[region] - common));
    }
    overlaps.push(best);
  }
  return { overlaps, regions: count };
}
