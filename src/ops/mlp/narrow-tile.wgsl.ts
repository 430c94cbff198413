/**
 * Text that the kernels of narrow perceptrons share: how a tile of points comes into workgroup memory, goes through a layer,
 * and leaves. Layouts are from `narrow-layout.ts`.
 */
import {
  type NarrowKind,
  type NarrowLayer,
  type NarrowLayout,
  type NarrowShape,
  narrowGroup,
  narrowLayout,
} from './narrow-layout.ts';

export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
export const lanes = ['x', 'y', 'z', 'w'] as const;

/** @throws Error for a perceptron that is not narrow */
export function requireLayout(shape: NarrowShape): NarrowLayout {
  const layout = narrowLayout(shape);
  if (!layout) throw new Error(`no kernel for a perceptron of ${Object.values(shape).join(', ')}`);
  return layout;
}

export const shapeName = ({ inputs, hidden, hiddenLayers, outputs, kind }: NarrowShape): string =>
  `${inputs}-${hidden}x${hiddenLayers}-${outputs}-${kind}`;

/** Stages and the product that both directions make of them: 4 outputs of 4 points, Σ_k weight[k, 4 column …] stage[k]. */
export function productFunctions({ stageVectors, pitch }: NarrowLayout): string {
  return /* wgsl */ `
var<workgroup> stages: array<vec4<f32>, ${stageVectors}>; // [width, points / 4] of every stage
fn product(fromRow: u32, count: u32, weights: u32, columns: u32, v: u32, column: u32) -> mat4x4<f32> {
  ${numbers(4)
    .map((j) => `var s${j} = vec4<f32>(0.0);`)
    .join(' ')}
  for (var k = 0u; k < count; k++) {
    let a = stages[(fromRow + k) * ${pitch} + v];
    let w = packed[weights + k * columns + column];
    ${lanes.map((lane, j) => `s${j} = fma(vec4<f32>(w.${lane}), a, s${j});`).join(' ')}
  }
  return mat4x4<f32>(s0, s1, s2, s3);
}
`;
}

/** Loads a stage: `value` is that of (row, k), inside; rows beyond the end are 0. */
export function loadStage(
  firstRow: number,
  paddedWidth: number,
  { vectors, pitch }: NarrowLayout,
  value: string,
): string {
  return /* wgsl */ `
    for (var i = lane; i < ${paddedWidth * vectors}; i += ${narrowGroup}) {
      let k = i % ${paddedWidth};
      let v = i / ${paddedWidth};
      var values: vec4<f32>;
      for (var j = 0u; j < 4; j++) {
        let row = min(first + 4 * v + j, end - 1);
        values[j] = select(0.0, ${value}, first + 4 * v + j < end);
      }
      stages[(${firstRow} + k) * ${pitch} + v] = values;
    }`;
}

/** Hands out a stage: `store` puts `value` to (row, k). */
export function storeStage(firstRow: number, width: number, { vectors, pitch }: NarrowLayout, store: string): string {
  return /* wgsl */ `
    for (var i = lane; i < ${width * vectors}; i += ${narrowGroup}) {
      let k = i % ${width};
      let v = i / ${width};
      let values = stages[(${firstRow} + k) * ${pitch} + v];
      for (var j = 0u; j < 4; j++) {
        let row = first + 4 * v + j;
        let value = values[j];
        if (row < end) { ${store} }
      }
    }`;
}

export function loadInputs(layout: NarrowLayout, kind: NarrowKind): string {
  const [{ inputs, paddedRows }] = layout.layers;
  const element = `x[row * params.strideX + params.columnX + min(k, ${inputs - 1})]`;
  const beyond = kind === 'bias' ? `f32(k == ${inputs})` : '0.0';
  return loadStage(0, paddedRows, layout, `select(${beyond}, ${element}, k < ${inputs})`);
}

/** Puts rows 4 · column … of a stage, which take the place of what is in `at`: `value` is row j of the product `m`. */
export const putStage = (firstRow: number, { pitch }: NarrowLayout, value: string): string => /* wgsl */ `
        for (var j = 0u; j < 4; j++) {
          let at = (${firstRow} + 4 * column + j) * ${pitch} + v;
          stages[at] = ${value};
        }`;

/** One layer of the tile; `relu` for all but the last. */
export function layerForward(layer: NarrowLayer, layout: NarrowLayout, relu: boolean, based: boolean): string {
  const { rows, paddedOutputs, from, to, weight } = layer;
  const vectors = paddedOutputs / 4;
  const start = based ? `let start = base[ray * ${vectors} + column];` : '';
  const sum = based ? 'm[j] + vec4<f32>(start[j])' : 'm[j]';
  return /* wgsl */ `
    workgroupBarrier();
    if (column < ${vectors}) {
        ${start}
        var m = product(${from}, ${rows}, ${weight / 4}, ${vectors}, v, column);
        ${putStage(to, layout, relu ? `max(${sum}, vec4<f32>(0.0))` : sum)}
    }`;
}

export const laneText = ({ vectors }: NarrowLayout) => /* wgsl */ `
    let v = lane % ${vectors};
    let column = lane / ${vectors};
    let perRay = (params.samples + ${4 * vectors - 1}) / ${4 * vectors};`;

/** Points [first, end) of a tile, which may not fill all its vectors. */
export const tileText = ({ vectors }: NarrowLayout) => /* wgsl */ `
    let ray = tile / perRay;
    let first = ray * params.samples + tile % perRay * ${4 * vectors};
    let end = min(first + ${4 * vectors}, (ray + 1) * params.samples);
    let used = (end - first + 3) / 4;`;
