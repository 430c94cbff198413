/**
 * Efficient graph-based image segmentation (Felzenszwalb & Huttenlocher, IJCV 2004) on the 8-connected pixel grid:
 * edges in the order of their colour difference join two components when the difference is no greater than the
 * internal difference of either plus scale / size. Used here to over-segment; region-merging.ts makes objects of it.
 */
import type { Planes } from './lab-planes.ts';

export interface GraphSegmentationOptions {
  /** The constant k of the paper, in units of colour difference times pixels: larger makes larger components. */
  scale: number;
  /** Components of fewer pixels join the neighbour over their weakest edge. */
  minSize: number;
}

/** Labels 0 … count − 1 in raster order of their first pixel, [height, width]. */
export interface Labelling {
  labels: Int32Array;
  count: number;
}

/** Differences are sorted by counting in steps of this size; the order within a step is that of the pixels. */
const step = 1 / 16;

/** O(pixels): the sort is a counting sort, the components a disjoint-set forest. */
export function graphSegmentation(image: Planes, options: GraphSegmentationOptions): Labelling {
  const { width, height } = image;
  const edges = sortedEdges(image);
  const forest = new DisjointSets(width * height);
  const internal = new Float32Array(width * height);
  for (let e = 0; e < edges.from.length; e++) {
    const a = forest.find(edges.from[e]);
    const b = forest.find(edges.to[e]);
    if (a === b) continue;
    const difference = edges.difference[e];
    const limit = Math.min(internal[a] + options.scale / forest.size[a], internal[b] + options.scale / forest.size[b]);
    if (difference <= limit) internal[forest.join(a, b)] = difference;
  }
  for (let e = 0; e < edges.from.length; e++) {
    const a = forest.find(edges.from[e]);
    const b = forest.find(edges.to[e]);
    if (a !== b && Math.min(forest.size[a], forest.size[b]) < options.minSize) forest.join(a, b);
  }
  return labelsOf(forest, width * height);
}

/** Disjoint sets with path halving and union by size; the root of a set carries its size. */
export class DisjointSets {
  readonly parent: Int32Array;
  readonly size: Int32Array;

  constructor(count: number) {
    this.parent = Int32Array.from({ length: count }, (_, i) => i);
    this.size = new Int32Array(count).fill(1);
  }

  find(element: number): number {
    let at = element;
    while (this.parent[at] !== at) at = this.parent[at] = this.parent[this.parent[at]];
    return at;
  }

  /** Joins two roots; returns the root of the union. */
  join(a: number, b: number): number {
    const [kept, gone] = this.size[a] >= this.size[b] ? [a, b] : [b, a];
    this.parent[gone] = kept;
    this.size[kept] += this.size[gone];
    return kept;
  }
}

/** Labels of all elements, numbered in the order in which their sets first appear. */
export function labelsOf(forest: DisjointSets, count: number): Labelling {
  const numberOf = new Int32Array(count).fill(-1);
  const labels = new Int32Array(count);
  let next = 0;
  for (let i = 0; i < count; i++) {
    const root = forest.find(i);
    if (numberOf[root] < 0) numberOf[root] = next++;
    labels[i] = numberOf[root];
  }
  return { labels, count: next };
}

function sortedEdges(image: Planes): { from: Int32Array; to: Int32Array; difference: Float32Array } {
  const { width, height, planes } = image;
  const total = 4 * width * height - 3 * (width + height) + 2;
  const from = new Int32Array(total);
  const to = new Int32Array(total);
  const difference = new Float32Array(total);
  let count = 0;
  let largest = 0;
  const add = (a: number, b: number) => {
    const dl = planes[0][a] - planes[0][b];
    const da = planes[1][a] - planes[1][b];
    const db = planes[2][a] - planes[2][b];
    const value = Math.sqrt(dl * dl + da * da + db * db);
    from[count] = a;
    to[count] = b;
    difference[count++] = value;
    if (value > largest) largest = value;
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x + 1 < width) add(i, i + 1);
      if (y + 1 < height) add(i, i + width);
      if (x + 1 < width && y + 1 < height) add(i, i + width + 1);
      if (x + 1 < width && y > 0) add(i, i - width + 1);
    }
  const order = countingSort(difference, largest);
  return {
    from: from.map((_, i) => from[order[i]]),
    to: to.map((_, i) => to[order[i]]),
    difference: difference.map((_, i) => difference[order[i]]),
  };
}

/** Positions in the order of their value in steps of `step`, equal steps in their first order. */
function countingSort(values: Float32Array, largest: number): Int32Array {
  const starts = new Int32Array(Math.floor(largest / step) + 2);
  for (let i = 0; i < values.length; i++) starts[Math.floor(values[i] / step) + 1]++;
  for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket] += starts[bucket - 1];
  const order = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) order[starts[Math.floor(values[i] / step)]++] = i;
  return order;
}
