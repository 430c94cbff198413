/**
 * Trilinear interpolation in a stack of lattices whose nodes are rows of one table: the part that both hash grid
 * conventions share. It does not know how a level finds its rows; `hash-grid.ts` (tcnn) and `torch-hash-grid.ts`
 * (nerfstudio's fallback) say that. Float64 reference, written to be read.
 */

/** One level: where its lattice lies and which table row a node has. */
export interface LatticeLevel {
  /** Nodes per unit of position. */
  scale: number;
  /** Added after scaling: 0.5 in tcnn, 0 in torch. */
  stagger: number;
  /** Row of node (i, j, k) in the table of all levels. */
  row(i: number, j: number, k: number): number;
  /** Coordinate of the node above `cell`; torch takes the ceiling, which is the cell itself on a node. */
  above(cell: number, fraction: number): number;
}

export interface HashGridGradients {
  /** [entries, features] */
  gradTable: Float64Array;
  /** [points, 3] */
  gradPositions: Float64Array;
}

/** A corner of the cell around a point: its row, its weight and the weight's derivative by position. */
interface Corner {
  row: number;
  weight: number;
  slope: [number, number, number];
}

/** The eight corners around the point at `positions[point]`. */
function cornersAround(level: LatticeLevel, positions: ArrayLike<number>, point: number): Corner[] {
  const cell = [0, 0, 0];
  const fraction = [0, 0, 0];
  for (let axis = 0; axis < 3; axis++) {
    const place = positions[point * 3 + axis] * level.scale + level.stagger;
    cell[axis] = Math.floor(place);
    fraction[axis] = place - cell[axis];
  }
  const corners: Corner[] = [];
  for (let corner = 0; corner < 8; corner++) {
    const upper = [corner & 1, (corner >> 1) & 1, (corner >> 2) & 1];
    const node = upper.map((up, axis) => (up ? level.above(cell[axis], fraction[axis]) : cell[axis]));
    const part = upper.map((up, axis) => (up ? fraction[axis] : 1 - fraction[axis]));
    const sign = upper.map((up) => (up ? level.scale : -level.scale));
    corners.push({
      row: level.row(node[0], node[1], node[2]),
      weight: part[0] * part[1] * part[2],
      slope: [sign[0] * part[1] * part[2], part[0] * sign[1] * part[2], part[0] * part[1] * sign[2]],
    });
  }
  return corners;
}

/**
 * @param positions [points, 3]
 * @param table [entries, features]
 * @returns [points, levels * features], level-major
 */
export function interpolate(
  levels: readonly LatticeLevel[],
  features: number,
  positions: ArrayLike<number>,
  table: ArrayLike<number>,
): Float64Array {
  const points = positions.length / 3;
  const width = levels.length * features;
  const encoded = new Float64Array(points * width);
  for (let point = 0; point < points; point++)
    levels.forEach((level, l) => {
      const out = point * width + l * features;
      for (const { row, weight } of cornersAround(level, positions, point))
        for (let f = 0; f < features; f++) encoded[out + f] += weight * table[row * features + f];
    });
  return encoded;
}

/** Gradients of `interpolate` for `gradEncoded` [points, levels * features]. */
export function interpolateBackward(
  levels: readonly LatticeLevel[],
  features: number,
  positions: ArrayLike<number>,
  table: ArrayLike<number>,
  gradEncoded: ArrayLike<number>,
): HashGridGradients {
  const points = positions.length / 3;
  const width = levels.length * features;
  const gradTable = new Float64Array(table.length);
  const gradPositions = new Float64Array(positions.length);
  for (let point = 0; point < points; point++)
    levels.forEach((level, l) => {
      const out = point * width + l * features;
      for (const { row, weight, slope } of cornersAround(level, positions, point)) {
        let along = 0;
        for (let f = 0; f < features; f++) {
          gradTable[row * features + f] += weight * gradEncoded[out + f];
          along += table[row * features + f] * gradEncoded[out + f];
        }
        for (let axis = 0; axis < 3; axis++) gradPositions[point * 3 + axis] += slope[axis] * along;
      }
    });
  return { gradTable, gradPositions };
}
