/**
 * How narrow perceptrons – no layer wider than 64 – are laid out for the kernels of `narrow-forward.wgsl.ts` and `narrow-backward.wgsl.ts`: which
 * tile of points a workgroup takes, where the stages of the tile lie in workgroup memory, and where the weights lie in
 * the packed copy that the kernels read. Stages are transposed, [width, points / 4] vectors of four points, so that both
 * products of a layer read four points at once.
 */

/**
 * - plain: no biases;
 * - bias: one bias, of the first layer, as another input that is always 1;
 * - ray: the first layer starts from sums that its ray has brought along (savings A9), outputs go through a sigmoid.
 */
export type NarrowKind = 'plain' | 'bias' | 'ray';

export interface NarrowShape {
  inputs: number;
  /** Width of every hidden layer, a multiple of 4. */
  hidden: number;
  hiddenLayers: number;
  outputs: number;
  kind: NarrowKind;
}

export interface NarrowLayer {
  inputs: number;
  outputs: number;
  /** Rows of its weight with the bias, then rows and outputs up to whole vectors of four. */
  rows: number;
  paddedRows: number;
  paddedOutputs: number;
  /** First row of its inputs and outputs among the stages. */
  from: number;
  to: number;
  /** First scalar of its weight [paddedRows, paddedOutputs] in the packed copy and in the partial sums. */
  weight: number;
  /** First scalar of the transposed weight [outputs, paddedRows] in the packed copy. */
  transposed: number;
}

export interface NarrowLayout {
  layers: readonly NarrowLayer[];
  /** Vectors of four points in a tile, and vectors from a row of a stage to the next: odd, to spread over memory banks. */
  vectors: number;
  pitch: number;
  /** Vectors of workgroup memory; at the end of a backward pass four of every invocation go through it. */
  stageVectors: number;
  /** Scalars of a weight gradient with its padding, and of the packed weights. */
  gradientLength: number;
  packedLength: number;
}

/** Invocations of a workgroup; each makes a block of 4 × 4 results of a product. */
export const narrowGroup = 64;
const widest = 64;
/** What every WebGPU device has. */
const workgroupBytes = 16384;
/** Pieces into which the tiles of a backward pass are cut; each costs a weight gradient of partial sums. */
const wantedPieces = 1024;

const padded = (width: number): number => 4 * Math.ceil(width / 4);

function describeLayers({ inputs, hidden, hiddenLayers, outputs, kind }: NarrowShape): NarrowLayer[] {
  const widths = [inputs, ...Array.from({ length: hiddenLayers }, () => hidden), outputs];
  const layers: NarrowLayer[] = [];
  let [from, weight] = [0, 0];
  for (const [index, width] of widths.slice(1).entries()) {
    const rows = widths[index] + (index === 0 && kind === 'bias' ? 1 : 0);
    const [paddedRows, paddedOutputs] = [padded(rows), padded(width)];
    const to = from + paddedRows;
    layers.push({
      inputs: widths[index],
      outputs: width,
      rows,
      paddedRows,
      paddedOutputs,
      from,
      to,
      weight,
      transposed: 0,
    });
    from = to;
    weight += paddedRows * paddedOutputs;
  }
  for (const layer of layers) {
    layer.transposed = weight;
    weight += layer.outputs * layer.paddedRows;
  }
  return layers;
}

/** undefined: such a perceptron is not for these kernels. */
export function narrowLayout(shape: NarrowShape): NarrowLayout | undefined {
  const { hidden, hiddenLayers } = shape;
  const layers = describeLayers(shape);
  const [first, last] = [layers[0], layers[layers.length - 1]];
  const width = Math.max(first.paddedRows, hidden, last.paddedOutputs);
  if (hidden % 4 !== 0 || hiddenLayers < 1 || width > widest) return undefined;
  const stageRows = last.to + last.paddedOutputs;
  const pitchOf = (vectors: number) => vectors | 1;
  // As many points as there are invocations for 4 × 4 results of the widest layer, and room for.
  let vectors = Math.floor((4 * narrowGroup) / width);
  while (vectors > 0 && stageRows * pitchOf(vectors) * 16 > workgroupBytes) vectors--;
  if (vectors === 0) return undefined;
  return {
    layers,
    vectors,
    pitch: pitchOf(vectors),
    stageVectors: Math.max(stageRows * pitchOf(vectors), 4 * narrowGroup),
    gradientLength: layers[0].transposed,
    packedLength: last.transposed + last.outputs * last.paddedRows,
  };
}

/** Points of a perceptron: `samples` of them share a ray; without rays all do. */
export interface NarrowPoints {
  rows: number;
  samples: number;
}

/** Tiles of all points, none across two rays. */
export function countNarrowTiles({ vectors }: NarrowLayout, { rows, samples }: NarrowPoints): number {
  return samples === 0 ? 0 : Math.ceil(samples / (4 * vectors)) * (rows / samples);
}

/** Tiles that one workgroup must take: those of a ray, for the sums of a ray. */
const inseparable = ({ vectors }: NarrowLayout, kind: NarrowKind, samples: number): number =>
  kind === 'ray' ? Math.ceil(samples / (4 * vectors)) : 1;

/** How many tiles a workgroup of the backward pass takes, and how many workgroups that makes. */
export function narrowPieces(
  layout: NarrowLayout,
  kind: NarrowKind,
  points: NarrowPoints,
  wanted = wantedPieces,
): { tilesPerPiece: number; pieces: number } {
  const tiles = countNarrowTiles(layout, points);
  const unit = inseparable(layout, kind, points.samples);
  const tilesPerPiece = unit * Math.max(1, Math.ceil(tiles / (unit * wanted)));
  return { tilesPerPiece, pieces: Math.ceil(tiles / tilesPerPiece) };
}

/** The most pieces of so many points or fewer: 1024 tiles make 1024, 1100 make only 550. */
export function mostNarrowPieces(layout: NarrowLayout, kind: NarrowKind, points: NarrowPoints): number {
  return Math.min(wantedPieces, countNarrowTiles(layout, points) / inseparable(layout, kind, points.samples));
}
