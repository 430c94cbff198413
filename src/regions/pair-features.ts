/**
 * What the merging network is told of two neighbouring regions: how they differ in colour and texture, what their
 * boundary looks like, and the sizes and shapes of both and of their union. All numbers are finite, about 0 … 1, and made
 * with operations that every machine rounds alike.
 */
import {
  type Boundary,
  bins,
  histogramRanges,
  histogramWidth,
  type RegionGraph,
  sum,
  sumWidth,
} from './region-graph.ts';

export const pairFeatureCount = 36;

/** Writes the features of the regions a and b, [pairFeatureCount]; the order of a and b does not matter. */
export function pairFeatures(graph: RegionGraph, a: number, b: number, boundary: Boundary, out: Float64Array): void {
  const aFirst = graph.sizes[a] < graph.sizes[b] || (graph.sizes[a] === graph.sizes[b] && a < b);
  const [small, large] = aFirst ? [a, b] : [b, a];
  const { length } = boundary;
  const contrast = boundary.contrast / length;
  out[0] = moverDistance(graph, a, b, 0) / 20;
  out[1] = (moverDistance(graph, a, b, 1) + moverDistance(graph, a, b, 2)) / 20;
  out[2] = moverDistance(graph, a, b, 3);
  out[3] = moverDistance(graph, a, b, 4);
  out[4] = boundary.stepL / length / 20;
  out[5] = boundary.stepChroma / length / 20;
  out[6] = Math.sqrt(contrast) / 3;
  out[7] = boundary.open / length;
  out[8] = boundary.faint / length;
  regionFeatures(graph, small, contrast, length, out, 9);
  regionFeatures(graph, large, contrast, length, out, 21);
  out[33] = (mean(graph, small, sum.l) - mean(graph, large, sum.l)) / 50;
  unionShape(graph, small, large, out, 34);
}

/** Twelve numbers about one side of a boundary. */
function regionFeatures(
  graph: RegionGraph,
  region: number,
  contrast: number,
  length: number,
  out: Float64Array,
  at: number,
): void {
  const size = graph.sizes[region];
  const outline = graph.outlines[region];
  const border = graph.sums[region * sumWidth + sum.border];
  const [l, a, b] = [mean(graph, region, sum.l), mean(graph, region, sum.a), mean(graph, region, sum.b)];
  out[at] = Math.sqrt(Math.max(0, mean(graph, region, sum.ll) - l * l)) / 20;
  out[at + 1] = Math.sqrt(Math.max(0, mean(graph, region, sum.chroma) - a * a - b * b)) / 20;
  out[at + 2] = Math.sqrt(a * a + b * b) / 50;
  out[at + 3] = l / 100;
  out[at + 4] = Math.sqrt(mean(graph, region, sum.gradient)) / 3;
  // Against all of its boundaries: is this a faint or a strong one for the region?
  out[at + 5] = contrast / (contrast + graph.outlineContrasts[region] / outline + 0.1);
  out[at + 6] = Math.sqrt(Math.sqrt(size / graph.pixels));
  out[at + 7] = length / outline;
  // width / (width + 8 pixels), the width being that of a long strip with its area and outline
  out[at + 8] = size / (size + 4 * outline);
  out[at + 9] = border / (border + outline);
  const box = 4 * region;
  const { boxes } = graph;
  out[at + 10] = size / ((boxes[box + 2] - boxes[box]) * (boxes[box + 3] - boxes[box + 1]));
  const m = region * sumWidth;
  const { sums } = graph;
  out[at + 11] = ellipseFill(
    size,
    sums[m + sum.x],
    sums[m + sum.y],
    sums[m + sum.xx],
    sums[m + sum.xy],
    sums[m + sum.yy],
  );
}

/** How much of its box and of its ellipse the union of both fills. */
function unionShape({ sizes, boxes, sums }: RegionGraph, a: number, b: number, out: Float64Array, at: number): void {
  const size = sizes[a] + sizes[b];
  const [p, q] = [4 * a, 4 * b];
  const width = Math.max(boxes[p + 2], boxes[q + 2]) - Math.min(boxes[p], boxes[q]);
  const height = Math.max(boxes[p + 3], boxes[q + 3]) - Math.min(boxes[p + 1], boxes[q + 1]);
  out[at] = size / (width * height);
  const [m, n] = [a * sumWidth, b * sumWidth];
  out[at + 1] = ellipseFill(
    size,
    sums[m + sum.x] + sums[n + sum.x],
    sums[m + sum.y] + sums[n + sum.y],
    sums[m + sum.xx] + sums[n + sum.xx],
    sums[m + sum.xy] + sums[n + sum.xy],
    sums[m + sum.yy] + sums[n + sum.yy],
  );
}

/** Area over that of the ellipse with the same second moments: 1 for an ellipse, 3/π for a rectangle, little for a ring. */
function ellipseFill(size: number, x: number, y: number, xx: number, xy: number, yy: number): number {
  // A pixel is a square of variance 1/12, not a point.
  const varX = xx / size - (x / size) ** 2 + 1 / 12;
  const varY = yy / size - (y / size) ** 2 + 1 / 12;
  const covariance = xy / size - (x / size) * (y / size);
  return size / (4 * Math.PI * Math.sqrt(Math.max(1 / 144, varX * varY - covariance * covariance)));
}

function mean(graph: RegionGraph, region: number, column: number): number {
  return graph.sums[region * sumWidth + column] / graph.sizes[region];
}

/**
 * Earth mover's distance between a histogram of two regions: how far, on average, colour has to move in CIELAB units
 * and texture in octaves of gradient strength.
 */
export function moverDistance({ histograms, sizes }: RegionGraph, a: number, b: number, histogram: number): number {
  const startA = a * histogramWidth + histogram * bins;
  const startB = b * histogramWidth + histogram * bins;
  const perA = 1 / sizes[a];
  const perB = 1 / sizes[b];
  let moved = 0;
  let total = 0;
  for (let k = 0; k < bins - 1; k++) {
    moved += histograms[startA + k] * perA - histograms[startB + k] * perB;
    total += Math.abs(moved);
  }
  const [low, high] = histogramRanges[histogram];
  return (total * (high - low)) / (bins - 1);
}
