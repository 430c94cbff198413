/**
 * The tiled matrix product that all dense kernels share: C [rows, columns] = Σ_k A[row, k] B[k, column]. A workgroup of
 * 256 invocations makes a tile of C; each invocation keeps 4 × 4 or 8 × 8 results in registers, written out by name
 * because compilers keep named vectors in registers more willingly than arrays. Both operands go through shared memory
 * in slices of 8 or 16 values of k, four rows of A or four columns of B to a vector; it takes under 9 kB of it.
 */

/** 'square' 64 × 64 for every device, 'large' 128 × 128 for wide layers on large GPUs, 'narrow' 256 × 16 for few columns. */
export type Tile = 'square' | 'large' | 'narrow';

/** Invocations of a workgroup. */
export const productGroup = 256;

interface TileShape {
  /** Invocations side by side and one above the other; together 256. */
  across: number;
  down: number;
  /** Vectors of four results of one invocation. */
  columnVectors: number;
  rowVectors: number;
  /** Values of k in shared memory at a time. */
  slice: number;
}

const shapes: Record<Tile, TileShape> = {
  square: { across: 16, down: 16, columnVectors: 1, rowVectors: 1, slice: 16 },
  large: { across: 16, down: 16, columnVectors: 2, rowVectors: 2, slice: 8 },
  narrow: { across: 4, down: 64, columnVectors: 1, rowVectors: 1, slice: 8 },
};

const rowsOf = ({ down, rowVectors }: TileShape) => 4 * down * rowVectors;
const columnsOf = ({ across, columnVectors }: TileShape) => 4 * across * columnVectors;

/** Tiles that cover a result. */
export function countTiles(tile: Tile, rows: number, columns: number): number {
  return Math.ceil(rows / rowsOf(shapes[tile])) * Math.ceil(columns / columnsOf(shapes[tile]));
}

/** Elements of the operands and what becomes of the results. */
export interface ProductText {
  tile: Tile;
  /** Expression of A at (row, k) and B at (k, column), both inside. */
  a: string;
  b: string;
  /** Whether neighbours in memory are neighbours in k; then neighbouring invocations load neighbouring k. */
  aAlongK: boolean;
  bAlongK: boolean;
  /** Statements that store `value` at (row, column), both inside. */
  store: string;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Loads one slice of an operand: `width` elements across, four to a vector. */
function loadSlice(operand: 'A' | 'B', width: number, slice: number, alongK: boolean): string {
  const vectors = width / 4;
  const place = alongK
    ? `let k = i % ${slice}u; let v = i / ${slice}u;`
    : `let k = i / ${vectors}u; let v = i % ${vectors}u;`;
  const [first, end] = operand === 'A' ? ['firstRow', 'rows'] : ['firstColumn', 'columns'];
  // Loads beyond the end repeat the last element and count as 0: cheaper than branches around every load.
  const element = (j: number) => {
    const at = `${first} + 4 * v + ${j}`;
    const nearest = `min(${at}, ${end} - 1)`;
    const call = operand === 'A' ? `loadA(${nearest}, nearestK)` : `loadB(nearestK, ${nearest})`;
    return `select(0.0, ${call}, inside && ${at} < ${end})`;
  };
  return /* wgsl */ `
    for (var i = lane; i < ${slice * vectors}u; i += ${productGroup}u) {
      ${place}
      let inside = start + k < endK;
      let nearestK = min(start + k, endK - 1);
      slice${operand}[k * ${vectors + 1}u + v] = vec4<f32>(
        ${numbers(4).map(element).join(',\n        ')});
    }`;
}

/**
 * Workgroup memory, loadA, loadB, storeResult, and tileProduct(tile, rows, columns, firstK, endK, lane), which makes
 * tile number `tile` (row by row) of a result of rows × columns from the values of k in [firstK, endK).
 */
export function tiledProduct({ tile, a, b, aAlongK, bAlongK, store }: ProductText): string {
  const shape = shapes[tile];
  const { across, down, columnVectors, rowVectors, slice } = shape;
  const [tileRows, tileColumns] = [rowsOf(shape), columnsOf(shape)];
  // One vector more per k keeps the stores of a load along k off the same memory bank.
  const [pitchA, pitchB] = [tileRows / 4 + 1, tileColumns / 4 + 1];
  const rows = numbers(4 * rowVectors);
  const columns = numbers(columnVectors);
  const sum = (r: number, c: number) => `sum${r}_${c}`;
  const each = (text: (r: number, c: number) => string) =>
    rows.flatMap((r) => columns.map((c) => text(r, c))).join('\n    ');
  return /* wgsl */ `
var<workgroup> sliceA: array<vec4<f32>, ${slice * pitchA}>;
var<workgroup> sliceB: array<vec4<f32>, ${slice * pitchB}>;
fn loadA(row: u32, k: u32) -> f32 { return ${a}; }
fn loadB(k: u32, column: u32) -> f32 { return ${b}; }
fn storeResult(row: u32, column: u32, value: f32) { ${store} }
fn storeVector(row: u32, column: u32, rows: u32, columns: u32, values: vec4<f32>) {
  if (row >= rows) { return; }
  for (var j = 0u; j < 4 && column + j < columns; j++) { storeResult(row, column + j, values[j]); }
}
fn tileProduct(tile: u32, rows: u32, columns: u32, firstK: u32, endK: u32, lane: u32) {
  let tilesAcross = (columns + ${tileColumns - 1}u) / ${tileColumns}u;
  let firstRow = tile / tilesAcross * ${tileRows}u;
  let firstColumn = tile % tilesAcross * ${tileColumns}u;
  let tx = lane % ${across}u;
  let ty = lane / ${across}u;
  ${each((r, c) => `var ${sum(r, c)} = vec4<f32>(0.0);`)}
  for (var start = firstK; start < endK; start += ${slice}u) {
    ${loadSlice('A', tileRows, slice, aAlongK)}
    ${loadSlice('B', tileColumns, slice, bAlongK)}
    workgroupBarrier();
    for (var k = 0u; k < ${slice}; k++) {
    ${numbers(rowVectors)
      .map((v) => `let a${v} = sliceA[k * ${pitchA}u + ty + ${v * down}u];`)
      .join('\n    ')}
    ${columns.map((c) => `let b${c} = sliceB[k * ${pitchB}u + tx + ${c * across}u];`).join('\n    ')}
    ${each((r, c) => `${sum(r, c)} = fma(vec4<f32>(a${r >> 2}[${r & 3}]), b${c}, ${sum(r, c)});`)}
    }
    workgroupBarrier();
  }
  ${each((r, c) => {
    const row = `firstRow + 4 * ty + ${4 * down * (r >> 2) + (r & 3)}`;
    return `storeVector(${row}, firstColumn + 4 * tx + ${4 * across * c}, rows, columns, ${sum(r, c)});`;
  })}
}
`;
}
