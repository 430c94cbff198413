/**
 * What the merging compares: for every region its size and cumulative histograms of colour and texture; for every
 * pair of neighbours the length of their common boundary and the contrast along it. All of them are sums over pixels,
 * so the features of a union are the sums of the parts' and never need the pixels again.
 */
import type { Labelling } from './graph-segmentation.ts';
import { gradientMagnitude, type Planes, smoothPlanes } from './lab-planes.ts';

/** Bins per histogram. */
const bins = 16;
/** Histograms per region: L*, a*, b*, and gradient strength at two scales. */
const histograms = 5;
const featureWidth = bins * histograms;

/** Range of each histogram: colours in CIELAB units, gradients in log2(1 + strength). */
const ranges: readonly (readonly [number, number])[] = [
  [0, 100],
  [-60, 75],
  [-60, 75],
  [0, 5],
  [0, 5],
];

/** Smoothing before the gradients of the two texture histograms, pixels. */
const fineSigma = 1;
const coarseSigma = 2.5;

/** One boundary between two regions. */
export interface Boundary {
  /** Pixel pairs on the boundary. */
  length: number;
  /** Sum over them of the gradient strength. */
  contrast: number;
}

export interface RegionGraph {
  /** Pixels of each region. */
  sizes: Float64Array;
  /** [regions, 5 · 16] sums over pixels. */
  features: Float32Array;
  /** For each region its neighbours; a boundary is one object shared by both sides. */
  neighbours: Map<number, Boundary>[];
}

/**
 * @param image the photo in CIELAB, unsmoothed
 * @param boundarySigma smoothing before the contrast of boundaries is measured, pixels
 */
export function buildRegionGraph(image: Planes, labelling: Labelling, boundarySigma: number): RegionGraph {
  const { width, height } = image;
  const gradientAt = (sigma: number) => gradientMagnitude(smoothPlanes(image, sigma));
  const fine = gradientAt(fineSigma);
  const coarse = gradientAt(coarseSigma);
  const edges = boundarySigma === fineSigma ? fine : gradientAt(boundarySigma);
  const sizes = new Float64Array(labelling.count);
  const features = new Float32Array(labelling.count * featureWidth);
  for (let i = 0; i < width * height; i++) {
    const region = labelling.labels[i];
    sizes[region]++;
    const at = region * featureWidth;
    for (let c = 0; c < 3; c++) spread(features, at + c * bins, image.planes[c][i], ranges[c]);
    spread(features, at + 3 * bins, Math.log2(1 + fine[i]), ranges[3]);
    spread(features, at + 4 * bins, Math.log2(1 + coarseSigma * coarse[i]), ranges[4]);
  }
  const neighbours = Array.from({ length: labelling.count }, () => new Map<number, Boundary>());
  const touch = (i: number, j: number) => {
    const a = labelling.labels[i];
    const b = labelling.labels[j];
    if (a === b) return;
    let boundary = neighbours[a].get(b);
    if (boundary === undefined) {
      boundary = { length: 0, contrast: 0 };
      neighbours[a].set(b, boundary);
      neighbours[b].set(a, boundary);
    }
    boundary.length++;
    boundary.contrast += Math.max(edges[i], edges[j]);
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x + 1 < width) touch(i, i + 1);
      if (y + 1 < height) touch(i, i + width);
    }
  return { sizes, features, neighbours };
}

/** Adds one pixel to a histogram, shared between the two nearest bins. */
function spread(features: Float32Array, at: number, value: number, [low, high]: readonly [number, number]): void {
  const position = Math.min(bins - 1, Math.max(0, ((value - low) / (high - low)) * (bins - 1)));
  const below = Math.min(bins - 2, Math.floor(position));
  features[at + below] += 1 - (position - below);
  features[at + below + 1] += position - below;
}

/** Gives region `to` the pixels of region `from`; boundaries are not touched. */
export function absorbFeatures(graph: RegionGraph, to: number, from: number): void {
  graph.sizes[to] += graph.sizes[from];
  for (let k = 0; k < featureWidth; k++)
    graph.features[to * featureWidth + k] += graph.features[from * featureWidth + k];
}

/**
 * Earth mover's distances between the histograms of two regions: how far, on average, colour has to move in CIELAB
 * units and texture in octaves of gradient strength.
 */
export function featureDistances(
  graph: RegionGraph,
  a: number,
  b: number,
): { lightness: number; chroma: number; texture: number } {
  const l = moverDistance(graph, a, b, 0);
  const chroma = moverDistance(graph, a, b, 1) + moverDistance(graph, a, b, 2);
  const texture = moverDistance(graph, a, b, 3) + moverDistance(graph, a, b, 4);
  return { lightness: l, chroma, texture };
}

function moverDistance(graph: RegionGraph, a: number, b: number, histogram: number): number {
  const startA = a * featureWidth + histogram * bins;
  const startB = b * featureWidth + histogram * bins;
  const perA = 1 / graph.sizes[a];
  const perB = 1 / graph.sizes[b];
  let moved = 0;
  let total = 0;
  for (let k = 0; k < bins - 1; k++) {
    moved += graph.features[startA + k] * perA - graph.features[startB + k] * perB;
    total += Math.abs(moved);
  }
  const [low, high] = ranges[histogram];
  return (total * (high - low)) / (bins - 1);
}
