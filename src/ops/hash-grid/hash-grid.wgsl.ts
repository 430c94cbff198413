/**
 * GPU kernels of the multi-resolution hash grid (hash-grid.ts): forward, gradient to the table, gradient to the
 * positions. One invocation works on one point and one level, levels outermost, so that neighbours read the same table.
 *
 * A grid whose table exceeds a binding is split into parts of whole levels (`split-levels.ts`): one dispatch per part,
 * with the part's table, level words (offsets within the part) and first output column.
 */
import { addGradientFunction, type GradientSum } from '../wgsl/gradient-sum.wgsl.ts';
import { defineKernel, memoise, read, write } from '../wgsl/kernel.ts';

export type GridFeatures = 2 | 4 | 8;
/** Type in which a table is stored; sums are always float32. */
export type TableStorage = 'f32' | 'f16';

const pointsAndLevels = { points: 'u32', levels: 'u32', stride: 'u32', column: 'u32' } as const;
const levelBuffer = read('u32', '[levels, 5] scale (float bits), resolution, rows, first row, hashed');

/** levelAt(l), cellAt(level, x), nodeRow(level, node) and the corners of a cell, on the buffer `levelWords`. */
export const latticeFunctions = /* wgsl */ `
struct Level { scale: f32, resolution: u32, rows: u32, firstRow: u32, hashed: bool }
fn levelAt(l: u32) -> Level {
  let at = 5u * l;
  return Level(bitcast<f32>(levelWords[at]), levelWords[at + 1], levelWords[at + 2], levelWords[at + 3], levelWords[at + 4] != 0);
}
struct Cell { node: vec3<u32>, fraction: vec3<f32> }
fn cellAt(level: Level, x: vec3<f32>) -> Cell {
  let place = fma(vec3<f32>(level.scale), x, vec3<f32>(0.5));
  let below = floor(place);
  return Cell(bitcast<vec3<u32>>(vec3<i32>(below)), place - below);
}
/** Row of a node; it lies inside the table whatever the node, NaN positions included. */
fn nodeRow(level: Level, node: vec3<u32>) -> u32 {
  if (level.hashed) {
    return level.firstRow + ((node.x ^ (node.y * 2654435761u) ^ (node.z * 805459861u)) & (level.rows - 1));
  }
  let row = node.x + level.resolution * (node.y + level.resolution * node.z);
  return level.firstRow + select(row % level.rows, row, row < level.rows);
}
fn cornerOf(c: u32) -> vec3<u32> { return vec3<u32>(c & 1, (c >> 1) & 1, c >> 2); }
/** Per axis: how much a corner weighs. */
fn cornerParts(corner: vec3<u32>, fraction: vec3<f32>) -> vec3<f32> {
  return select(1.0 - fraction, fraction, corner == vec3<u32>(1));
}
`;

/** The same, and cellOf(level, point) on the buffer `positions`. */
const gridFunctions = /* wgsl */ `
${latticeFunctions}
fn cellOf(level: Level, point: u32) -> Cell {
  return cellAt(level, vec3<f32>(positions[3 * point], positions[3 * point + 1], positions[3 * point + 2]));
}
`;

const vectorWidth = (features: GridFeatures) => (features === 2 ? 2 : 4);

/** Encodes positions; the output's stride and first column are multiples of 2 (2 features) or 4. */
export const encodeHashGridKernel = memoise((features: GridFeatures, storage: TableStorage) => {
  const width = vectorWidth(features);
  const vectors = features / width;
  return defineKernel({
    name: `hash-grid-forward-${features}-${storage}`,
    params: pointsAndLevels,
    buffers: {
      positions: read('f32', '[points, 3] in [0, 1]'),
      table: read(`vec${width}<${storage}>`, '[rows, features]'),
      levelWords: levelBuffer,
      encoded: write(`vec${width}<f32>`, '[points, stride] columns column … column + levels · features ='),
    },
    workgroupSize: 64,
    over: 'invocations',
    count: ({ points, levels }) => points * levels,
    features: storage === 'f16' ? ['shader-f16'] : [],
    declarations: gridFunctions,
    body: /* wgsl */ `
      let l = index / params.points;
      let point = index % params.points;
      let level = levelAt(l);
      let cell = cellOf(level, point);
      var sums: array<vec${width}<f32>, ${vectors}>;
      for (var c = 0u; c < 8; c++) {
        let corner = cornerOf(c);
        let parts = cornerParts(corner, cell.fraction);
        let weight = parts.x * parts.y * parts.z;
        let row = ${vectors}u * nodeRow(level, cell.node + corner);
        for (var v = 0u; v < ${vectors}; v++) { sums[v] += weight * vec${width}<f32>(table[row + v]); }
      }
      let to = (point * params.stride + params.column) / ${width}u + ${vectors}u * l;
      for (var v = 0u; v < ${vectors}; v++) { encoded[to + v] = sums[v]; }
    `,
  });
});

/**
 * Adds the gradient of the table to the sums. An invocation takes `run` points in a row on one level: samples of a ray
 * share cells on coarse levels, and what falls into the cell of the point before is added up in registers first.
 */
export const hashGridTableBackwardKernel = memoise((features: GridFeatures, method: GradientSum, run: number = 1) => {
  const width = vectorWidth(features);
  const vectors = features / width;
  const vector = `vec${width}<f32>`;
  return defineKernel({
    name: `hash-grid-table-backward-${features}-${method}${run > 1 ? `-runs-of-${run}` : ''}`,
    params: { ...pointsAndLevels, gradientScale: 'f32' },
    buffers: {
      positions: read('f32', '[points, 3] in [0, 1]'),
      gradEncoded: read(`vec${width}<f32>`, '[points, stride]'),
      levelWords: levelBuffer,
      gradTable: write('atomic<u32>', '[rows, features] += gradient sums'),
    },
    workgroupSize: 64,
    over: 'invocations',
    count: ({ points, levels }) => Math.ceil(points / run) * levels,
    declarations: gridFunctions + addGradientFunction(method, 'gradTable'),
    body: /* wgsl */ `
      let runs = (params.points + ${run - 1}u) / ${run}u;
      let l = index / runs;
      let first = index % runs * ${run}u;
      let end = min(first + ${run}u, params.points);
      let level = levelAt(l);
      var node = vec3<u32>(0);
      var held = false;
      var sums: array<${vector}, ${8 * vectors}>;
      for (var point = first; point <= end; point++) {
        var gradients: array<${vector}, ${vectors}>;
        var touched = false;
        var cell: Cell;
        if (point < end) {
          let start = (point * params.stride + params.column) / ${width}u + ${vectors}u * l;
          for (var v = 0u; v < ${vectors}; v++) {
            gradients[v] = gradEncoded[start + v];
            touched = touched || !all(gradients[v] == ${vector}(0.0));
          }
          if (!touched) { continue; }
          cell = cellOf(level, point);
        }
        if (held && (point == end || any(cell.node != node))) {
          for (var c = 0u; c < 8; c++) {
            let at = ${features}u * nodeRow(level, node + cornerOf(c));
            for (var v = 0u; v < ${vectors}; v++) {
              let sum = sums[${vectors}u * c + v];
              for (var k = 0u; k < ${width}; k++) { addGradient(at + ${width}u * v + k, sum[k]); }
              sums[${vectors}u * c + v] = ${vector}(0.0);
            }
          }
        }
        if (point == end) { break; }
        held = true;
        node = cell.node;
        for (var c = 0u; c < 8; c++) {
          let parts = cornerParts(cornerOf(c), cell.fraction);
          let weight = parts.x * parts.y * parts.z;
          for (var v = 0u; v < ${vectors}; v++) { sums[${vectors}u * c + v] += weight * gradients[v]; }
        }
      }
    `,
  });
});

/** Adds the gradient of the positions, summed over the part's levels; one invocation per point. */
export const hashGridPositionBackwardKernel = memoise((features: GridFeatures, storage: TableStorage) => {
  const width = vectorWidth(features);
  const vectors = features / width;
  return defineKernel({
    name: `hash-grid-position-backward-${features}-${storage}`,
    params: pointsAndLevels,
    buffers: {
      positions: read('f32', '[points, 3] in [0, 1]'),
      table: read(`vec${width}<${storage}>`, '[rows, features]'),
      gradEncoded: read(`vec${width}<f32>`, '[points, stride]'),
      levelWords: levelBuffer,
      gradPositions: write('f32', '[points, 3] +='),
    },
    workgroupSize: 64,
    over: 'invocations',
    count: ({ points }) => points,
    features: storage === 'f16' ? ['shader-f16'] : [],
    declarations: gridFunctions,
    body: /* wgsl */ `
      var gradient = vec3<f32>(0.0);
      for (var l = 0u; l < params.levels; l++) {
        let level = levelAt(l);
        let cell = cellOf(level, index);
        let start = (index * params.stride + params.column) / ${width}u + ${vectors}u * l;
        for (var c = 0u; c < 8; c++) {
          let corner = cornerOf(c);
          let parts = cornerParts(corner, cell.fraction);
          let row = ${vectors}u * nodeRow(level, cell.node + corner);
          var along = 0.0;
          for (var v = 0u; v < ${vectors}; v++) {
            along += dot(vec${width}<f32>(table[row + v]), gradEncoded[start + v]);
          }
          let sign = level.scale * select(vec3<f32>(-1.0), vec3<f32>(1.0), corner == vec3<u32>(1));
          gradient += along * sign * vec3<f32>(parts.y * parts.z, parts.x * parts.z, parts.x * parts.y);
        }
      }
      for (var k = 0u; k < 3; k++) { gradPositions[3 * index + k] += gradient[k]; }
    `,
  });
});
