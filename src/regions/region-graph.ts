/**
 * Regions and their neighbours, as the merging sees them: sums over the pixels of every region and over the pixel pairs
 * of every boundary. What is known of a union is the sum of what is known of its parts, so merging never needs the
 * pixels again.
 */
import type { Labelling } from './graph-segmentation.ts';
import { gradientMagnitude, type Planes, smoothPlanes } from './lab-planes.ts';

/** Bins per histogram. */
export const bins = 16;
/** Range of each histogram: L*, a*, b* in CIELAB units; gradients at two scales, in log2(1 + strength). */
export const histogramRanges: readonly (readonly [number, number])[] = [
  [0, 100],
  [-60, 75],
  [-60, 75],
  [0, 5],
  [0, 5],
];
export const histogramWidth = bins * histogramRanges.length;

/** Columns of `sums`; moments are of pixel centres, chroma is a*² + b*². */
export const sum = { x: 0, y: 1, xx: 2, xy: 3, yy: 4, l: 5, a: 6, b: 7, ll: 8, chroma: 9, gradient: 10, border: 11 };
export const sumWidth = 12;

/** Smoothing before the gradients, pixels. */
export const fineSigma = 1;
const coarseSigma = 2.5;
/** Gradients below which there is no edge, or a faint one, CIELAB units per pixel. */
const [noEdge, faintEdge] = [1.5, 4];
/** A step is measured this many pixels off the boundary, where the blur of an edge ends. */
const off = 2;

/** What every pixel of a photo contributes. */
export interface PhotoMeasures {
  lab: Planes;
  /** The same, smoothed by one pixel. */
  smooth: Planes;
  /** [height, width] gradient strength of `smooth`. */
  fine: Float32Array;
  /** [height, width] gradient strength that boundaries are measured by. */
  edges: Float32Array;
  /** [height, width] log2(1 + gradient strength) at both scales. */
  textures: readonly [Float32Array, Float32Array];
}

/** One boundary between two regions: sums over its pixel pairs. */
export interface Boundary {
  /** Pixel pairs. */
  length: number;
  /** Gradient strength. */
  contrast: number;
  /** Pairs without an edge, and pairs with a faint one at most. */
  open: number;
  faint: number;
  /** Differences of lightness and of chroma across it. */
  stepL: number;
  stepChroma: number;
}

export interface RegionGraph {
  /** Pixels of the photo. */
  pixels: number;
  /** [regions] pixels */
  sizes: Float64Array;
  /** [regions, sumWidth] */
  sums: Float64Array;
  /** [regions, 5, bins] pixels */
  histograms: Float32Array;
  /** [regions, 4] left, top, right, bottom; the last two exclusive */
  boxes: Int32Array;
  /** [regions] length and contrast of all boundaries of a region */
  outlines: Float64Array;
  outlineContrasts: Float64Array;
  /** For each region its neighbours; a boundary is one object shared by both sides. */
  neighbours: Map<number, Boundary>[];
}

/**
 * @param lab the photo, unsmoothed
 * @param edgeSigma smoothing before the contrast of boundaries is measured, pixels
 */
export function measurePhoto(lab: Planes, edgeSigma: number): PhotoMeasures {
  const smooth = smoothPlanes(lab, fineSigma);
  const fine = gradientMagnitude(smooth);
  const coarse = gradientMagnitude(smoothPlanes(lab, coarseSigma));
  const textures = [
    fine.map((strength) => Math.log2(1 + strength)),
    coarse.map((strength) => Math.log2(1 + coarseSigma * strength)),
  ] as const;
  const edges = edgeSigma === fineSigma ? fine : gradientMagnitude(smoothPlanes(lab, edgeSigma));
  return { lab, smooth, fine, edges, textures };
}

export function buildRegionGraph(measures: PhotoMeasures, labelling: Labelling): RegionGraph {
  const { count } = labelling;
  const graph: RegionGraph = {
    pixels: labelling.labels.length,
    sizes: new Float64Array(count),
    sums: new Float64Array(count * sumWidth),
    histograms: new Float32Array(count * histogramWidth),
    boxes: Int32Array.from({ length: 4 * count }, (_, k) => (k % 4 < 2 ? 2 ** 30 : 0)),
    outlines: new Float64Array(count),
    outlineContrasts: new Float64Array(count),
    neighbours: Array.from({ length: count }, () => new Map<number, Boundary>()),
  };
  addPixels(graph, measures, labelling.labels);
  addBoundaries(graph, measures, labelling.labels);
  return graph;
}

function addPixels(graph: RegionGraph, { lab, fine, textures }: PhotoMeasures, labels: Int32Array): void {
  const { width, height, planes } = lab;
  const { sums, boxes, histograms, sizes } = graph;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const region = labels[i];
      const [l, a, b] = [planes[0][i], planes[1][i], planes[2][i]];
      const at = region * sumWidth;
      sizes[region]++;
      sums[at + sum.x] += x;
      sums[at + sum.y] += y;
      sums[at + sum.xx] += x * x;
      sums[at + sum.xy] += x * y;
      sums[at + sum.yy] += y * y;
      sums[at + sum.l] += l;
      sums[at + sum.a] += a;
      sums[at + sum.b] += b;
      sums[at + sum.ll] += l * l;
      sums[at + sum.chroma] += a * a + b * b;
      sums[at + sum.gradient] += fine[i];
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) sums[at + sum.border]++;
      growBox(boxes, region, x, y, x + 1, y + 1);
      const histogram = region * histogramWidth;
      spread(histograms, histogram, l, histogramRanges[0]);
      spread(histograms, histogram + bins, a, histogramRanges[1]);
      spread(histograms, histogram + 2 * bins, b, histogramRanges[2]);
      spread(histograms, histogram + 3 * bins, textures[0][i], histogramRanges[3]);
      spread(histograms, histogram + 4 * bins, textures[1][i], histogramRanges[4]);
    }
}

function growBox(boxes: Int32Array, region: number, left: number, top: number, right: number, bottom: number): void {
  const at = 4 * region;
  if (left < boxes[at]) boxes[at] = left;
  if (top < boxes[at + 1]) boxes[at + 1] = top;
  if (right > boxes[at + 2]) boxes[at + 2] = right;
  if (bottom > boxes[at + 3]) boxes[at + 3] = bottom;
}

/** Adds one pixel to a histogram, shared between the two nearest bins. */
function spread(histograms: Float32Array, at: number, value: number, [low, high]: readonly [number, number]): void {
  const position = Math.min(bins - 1, Math.max(0, ((value - low) / (high - low)) * (bins - 1)));
  const below = Math.min(bins - 2, Math.floor(position));
  histograms[at + below] += 1 - (position - below);
  histograms[at + below + 1] += position - below;
}

function addBoundaries(graph: RegionGraph, { smooth, edges }: PhotoMeasures, labels: Int32Array): void {
  const { width, height, planes } = smooth;
  const { neighbours, outlines, outlineContrasts } = graph;
  /** Neighbouring pixels i and j, and one beyond each. */
  const touch = (i: number, j: number, beyondI: number, beyondJ: number) => {
    const [a, b] = [labels[i], labels[j]];
    let boundary = neighbours[a].get(b);
    if (boundary === undefined) {
      boundary = { length: 0, contrast: 0, open: 0, faint: 0, stepL: 0, stepChroma: 0 };
      neighbours[a].set(b, boundary);
      neighbours[b].set(a, boundary);
    }
    const contrast = Math.max(edges[i], edges[j]);
    const da = planes[1][beyondI] - planes[1][beyondJ];
    const db = planes[2][beyondI] - planes[2][beyondJ];
    boundary.length++;
    boundary.contrast += contrast;
    if (contrast < noEdge) boundary.open++;
    if (contrast < faintEdge) boundary.faint++;
    boundary.stepL += Math.abs(planes[0][beyondI] - planes[0][beyondJ]);
    boundary.stepChroma += Math.sqrt(da * da + db * db);
    for (const region of [a, b]) {
      outlines[region]++;
      outlineContrasts[region] += contrast;
    }
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x + 1 < width && labels[i] !== labels[i + 1])
        touch(i, i + 1, i - Math.min(off, x), i + 1 + Math.min(off, width - 2 - x));
      if (y + 1 < height && labels[i] !== labels[i + width])
        touch(i, i + width, i - Math.min(off, y) * width, i + (1 + Math.min(off, height - 2 - y)) * width);
    }
}

/** Gives region `to` the pixels and the boundaries of its neighbour `from`, which has neither afterwards. */
export function absorbRegion(graph: RegionGraph, to: number, from: number): void {
  const { sizes, sums, histograms, boxes } = graph;
  sizes[to] += sizes[from];
  for (let k = 0; k < sumWidth; k++) sums[to * sumWidth + k] += sums[from * sumWidth + k];
  for (let k = 0; k < histogramWidth; k++) histograms[to * histogramWidth + k] += histograms[from * histogramWidth + k];
  growBox(boxes, to, boxes[4 * from], boxes[4 * from + 1], boxes[4 * from + 2], boxes[4 * from + 3]);
  joinNeighbours(graph, to, from);
}

function joinNeighbours({ neighbours, outlines, outlineContrasts }: RegionGraph, to: number, from: number): void {
  const common = neighbours[to].get(from);
  neighbours[to].delete(from);
  neighbours[from].delete(to);
  outlines[to] += outlines[from] - 2 * (common?.length ?? 0);
  outlineContrasts[to] += outlineContrasts[from] - 2 * (common?.contrast ?? 0);
  for (const [other, boundary] of neighbours[from]) {
    neighbours[other].delete(from);
    const existing = neighbours[to].get(other);
    if (existing === undefined) {
      neighbours[to].set(other, boundary);
      neighbours[other].set(to, boundary);
    } else {
      existing.length += boundary.length;
      existing.contrast += boundary.contrast;
      existing.open += boundary.open;
      existing.faint += boundary.faint;
      existing.stepL += boundary.stepL;
      existing.stepChroma += boundary.stepChroma;
    }
  }
  neighbours[from].clear();
}
