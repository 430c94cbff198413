/**
 * Hierarchical merging of an over-segmentation into objects: the cheapest pair of neighbours joins, again and
 * again, until the cheapest costs more than a limit. Two judges make the cost. A rule grows with the difference of
 * colour and texture, with the contrast along the common boundary and with the size of the smaller region, and falls with
 * the share of the smaller region's outline that the pair has in common, so small and enclosed regions go first. A small
 * network, trained on scenes whose things are known (models/merging), gives log-odds that the two are one thing; every
 * two of them halve the rule's cost. Alone it is better on scenes and worse on photographs; together they are better on both.
 */
import { networkLogit } from './merging-network.ts';
import { mergingNetwork } from './merging-weights.ts';
import { moverDistance, pairFeatureCount, pairFeatures } from './pair-features.ts';
import { absorbRegion, type Boundary, type RegionGraph } from './region-graph.ts';
import type { SegmenterSettings } from './segmenter-options.ts';

export type MergingOptions = Pick<
  SegmenterSettings,
  | 'mergeLimit'
  | 'lightnessWeight'
  | 'chromaWeight'
  | 'textureWeight'
  | 'contrastShare'
  | 'sizeExponent'
  | 'enclosure'
  | 'thinWidth'
  | 'minWidth'
  | 'minArea'
  | 'maxRegions'
>;

/** Regions larger than this share of the photo count as equally large. */
const largeShare = 0.05;
/** Log-odds that halve the cost. */
const oddsPerOctave = 2;
/**
 * Log-odds beyond these count no more, however strange a photo. The network has seen renders only: it may keep apart what the
 * rule would join more than it may join what the rule would keep apart.
 */
const oddsRange = { least: -3, greatest: 1 };

/** Says what merging a pair costs. Training puts another in the place of rule and network. */
export interface PairJudge {
  /** Logarithm of the cost, octaves. @param features of the pair, valid during the call */
  cost(features: Float64Array, a: number, b: number, boundary: Boundary): number;
  /** Region `kept` has taken in region `gone`. */
  merged?(kept: number, gone: number): void;
}

const trainedLogit = networkLogit(mergingNetwork);

/** The rule's cost, corrected by a network. */
export function correctedRule(
  graph: RegionGraph,
  options: MergingOptions,
  logitOf: (features: Float64Array) => number = trainedLogit,
): PairJudge {
  return {
    cost(features, a, b, boundary) {
      const odds = Math.max(oddsRange.least, Math.min(oddsRange.greatest, logitOf(features)));
      return Math.log2(ruleCost(graph, a, b, boundary, options)) - odds / oddsPerOctave;
    },
  };
}

interface Candidate {
  /** Logarithm of the cost, octaves. */
  cost: number;
  a: number;
  b: number;
  /** Versions of the regions for which the cost was computed. */
  versionA: number;
  versionB: number;
}

/**
 * Region number of every original region, 0 … in order of first appearance. The graph is consumed. With `groups`, one
 * number per original region, only regions of the same group merge.
 */
export function mergeRegions(
  graph: RegionGraph,
  options: MergingOptions,
  groups?: Int32Array,
  judge: PairJudge = correctedRule(graph, options),
): { regionOf: Int32Array; count: number } {
  const count = graph.sizes.length;
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const version = new Int32Array(count);
  const features = new Float64Array(pairFeatureCount);
  const heap = new CandidateHeap();
  const limit = Math.log2(options.mergeLimit);
  const offer = (a: number, b: number, boundary: Boundary) => {
    if (groups !== undefined && groups[a] !== groups[b]) return;
    pairFeatures(graph, a, b, boundary, features);
    const cost = judge.cost(features, a, b, boundary);
    heap.push({ cost, a, b, versionA: version[a], versionB: version[b] });
  };
  for (let a = 0; a < count; a++) for (const [b, boundary] of graph.neighbours[a]) if (a < b) offer(a, b, boundary);

  const isScrap = (region: number) =>
    graph.sizes[region] < options.minArea * graph.pixels || meanWidth(graph, region) < options.minWidth;

  let alive = count;
  for (let best = heap.pop(); best !== undefined && alive > 1; best = heap.pop()) {
    const { a, b, cost } = best;
    if (version[a] !== best.versionA || version[b] !== best.versionB) continue;
    const forced = alive > options.maxRegions || isScrap(a) || isScrap(b);
    if (cost > limit && !forced) continue;
    const [kept, gone] = graph.sizes[a] >= graph.sizes[b] ? [a, b] : [b, a];
    parent[gone] = kept;
    version[kept]++;
    version[gone] = -1;
    alive--;
    absorbRegion(graph, kept, gone);
    judge.merged?.(kept, gone);
    for (const [other, boundary] of graph.neighbours[kept]) offer(kept, other, boundary);
  }
  return numberRoots(parent);
}

/**
 * Weighted geometric mean of the regions' difference and the contrast between them, so that shading (different, but
 * without an edge) and texture (full of edges, but alike) are both cheap; times the factors for size, enclosure and
 * thinness: the blurred zone of an edge is a strip of its own in the over-segmentation and must go first.
 */
function ruleCost(graph: RegionGraph, a: number, b: number, boundary: Boundary, options: MergingOptions): number {
  const small = graph.sizes[a] < graph.sizes[b] ? a : b;
  const distance = (histogram: number) => moverDistance(graph, a, b, histogram);
  const difference =
    options.lightnessWeight * distance(0) +
    options.chromaWeight * (distance(1) + distance(2)) +
    options.textureWeight * (distance(3) + distance(4));
  const contrast = boundary.contrast / boundary.length;
  const size = Math.min(1, graph.sizes[small] / graph.pixels / largeShare) ** options.sizeExponent;
  const thinness = Math.min(1, meanWidth(graph, small) / options.thinWidth);
  const share = boundary.length / graph.outlines[small];
  const enclosure = Math.max(0, 1 + options.enclosure * (0.5 - share));
  return difference ** (1 - options.contrastShare) * contrast ** options.contrastShare * size * thinness * enclosure;
}

/** Width of a long strip with the region's area and outline. */
function meanWidth(graph: RegionGraph, region: number): number {
  return (2 * graph.sizes[region]) / graph.outlines[region];
}

function numberRoots(parent: Int32Array): { regionOf: Int32Array; count: number } {
  const numbers = new Int32Array(parent.length).fill(-1);
  let count = 0;
  const regionOf = parent.map((_, i) => {
    let root = i;
    while (parent[root] !== root) root = parent[root];
    if (numbers[root] < 0) numbers[root] = count++;
    return numbers[root];
  });
  return { regionOf, count };
}

/** A binary heap by cost; equal costs in the order of their region numbers, so the result is deterministic. */
class CandidateHeap {
  readonly #items: Candidate[] = [];

  push(item: Candidate): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!before(item, items[above])) break;
      items[at] = items[above];
      at = above;
    }
    items[at] = item;
  }

  pop(): Candidate | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && before(items[below + 1], items[below])) below++;
      if (!before(items[below], last)) break;
      items[at] = items[below];
      at = below;
    }
    items[at] = last;
    return first;
  }
}

function before(x: Candidate, y: Candidate): boolean {
  return x.cost !== y.cost ? x.cost < y.cost : x.a !== y.a ? x.a < y.a : x.b < y.b;
}
