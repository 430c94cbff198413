/**
 * GPU kernels of narrow perceptrons (mlp.ts), backward: the hidden activations of a tile are computed again instead of read
 * back, the gradient of each stage takes its place in workgroup memory, and a workgroup keeps the weight gradients of all
 * its tiles in registers, to write them out once as partial sums (`narrow-weights.wgsl.ts` adds them up).
 */
import { defineKernel, memoise, read, write } from '../wgsl/kernel.ts';
import {
  countNarrowTiles,
  type NarrowLayer,
  type NarrowLayout,
  type NarrowShape,
  narrowGroup,
} from './narrow-layout.ts';
import { forwardParams } from './narrow-forward.wgsl.ts';
import {
  laneText,
  lanes,
  layerForward,
  loadInputs,
  loadStage,
  numbers,
  productFunctions,
  putStage,
  requireLayout,
  shapeName,
  storeStage,
  tileText,
} from './narrow-tile.wgsl.ts';

/**
 * Blocks of 4 × 4 of a weight gradient, dealt to the invocations: neighbours get neighbouring columns. Where there are more
 * blocks than invocations, one gets several of the same columns; where there are fewer, several share one and take
 * different points of the tile.
 */
function blocksOf({ paddedRows, paddedOutputs }: NarrowLayer) {
  const [down, across] = [paddedRows / 4, paddedOutputs / 4];
  const rowsAtOnce = Math.floor(narrowGroup / across);
  const each = Math.ceil(down / rowsAtOnce);
  return { down, across, rowsAtOnce, each, sharers: each > 1 ? 1 : Math.floor(rowsAtOnce / down) };
}

/** Names a sum in registers: layer, block of the invocation, row of the block. */
const sumName = (l: number, i: number, r: number) => `sum${l}_${i}_${r}`;

/** Block row of an invocation's block number `i`, and whether there is one; its rows are that + r · down, r in 0 … 3. */
function blockRow(layer: NarrowLayer, i: number): { row: string; inside: string } {
  const { down, across, rowsAtOnce, each, sharers } = blocksOf(layer);
  if (each === 1) return { row: `lane / ${across} % ${down}`, inside: `lane < ${across * down * sharers}` };
  const row = `lane / ${across} + ${i} * ${rowsAtOnce}`;
  return { row, inside: `lane < ${across * rowsAtOnce} && ${row} < ${down}` };
}

/** Adds a tile to the weight gradient of a layer: Σ_points stage[from] stage[to]. */
function addBlocks(layer: NarrowLayer, l: number, { pitch }: NarrowLayout): string {
  const { down, across, each, sharers } = blocksOf(layer);
  const four = (text: (r: number) => string) => numbers(4).map(text).join(' ');
  const start = sharers > 1 ? `lane / ${across * down}` : '0u';
  const blocks = numbers(each).map((i) => {
    const { row, inside } = blockRow(layer, i);
    const adds = lanes.map((lane) =>
      four((r) => `${sumName(l, i, r)} = fma(vec4<f32>(h${r}.${lane}), g_${lane}, ${sumName(l, i, r)});`),
    );
    return /* wgsl */ `
        if (${inside}) {
          let at = (${layer.from} + ${row}) * ${pitch} + v;
          ${four((r) => `let h${r} = stages[at + ${r * down * pitch}];`)}
          ${adds.join('\n          ')}
        }`;
  });
  return /* wgsl */ `
      for (var v = ${start}; v < used; v += ${sharers}) {
        let gradients = (${layer.to} + lane % ${across}) * ${pitch} + v;
        ${four((j) => `let g${j} = stages[gradients + ${j * across * pitch}];`)}
        ${lanes.map((lane) => `let g_${lane} = vec4<f32>(${numbers(4).map((j) => `g${j}.${lane}`)});`).join('\n        ')}
        ${blocks.join('')}
      }`;
}

/** Writes the weight gradient of a layer to the partial sums, added up over the invocations that share a block. */
function storeBlocks(layer: NarrowLayer, l: number, { gradientLength }: NarrowLayout): string {
  const { paddedOutputs, weight } = layer;
  const { down, across, rowsAtOnce, each, sharers } = blocksOf(layer);
  return numbers(each)
    .map((i) => {
      const first = i * rowsAtOnce;
      const count = Math.min(rowsAtOnce, down - first);
      return /* wgsl */ `
      workgroupBarrier();
      ${numbers(4)
        .map((r) => `stages[${r * narrowGroup} + lane] = ${sumName(l, i, r)};`)
        .join(' ')}
      workgroupBarrier();
      for (var e = lane; e < ${4 * count * paddedOutputs}; e += ${narrowGroup}) {
        let r = e / ${count * paddedOutputs};
        let row = e / ${paddedOutputs} % ${count};
        let c = e % ${paddedOutputs};
        var sum = 0.0;
        for (var share = 0u; share < ${sharers}; share++) {
          sum += stages[r * ${narrowGroup} + (share * ${down} + row) * ${across} + c % ${across}][c / ${across}];
        }
        partials[group * ${gradientLength} + ${weight} + (${first} + row + r * ${down}) * ${paddedOutputs} + c] = sum;
      }`;
    })
    .join('');
}

/** From the gradient of a layer's outputs to that of its inputs, which takes their place; behind a ReLU with its mask. */
function layerBackward(layer: NarrowLayer, l: number, layout: NarrowLayout, meanwhile: string): string {
  const { outputs, paddedRows, from, to, transposed } = layer;
  const vectors = paddedRows / 4;
  const value = `m${l}[j]`;
  return /* wgsl */ `
    workgroupBarrier();
    ${addBlocks(layer, l, layout)}
    var m${l}: mat4x4<f32>;
    if (column < ${vectors}) { m${l} = product(${to}, ${outputs}, ${transposed / 4}, ${vectors}, v, column); }
    ${meanwhile}
    workgroupBarrier();
    if (column < ${vectors}) {
        ${putStage(from, layout, l > 0 ? `select(vec4<f32>(0.0), ${value}, stages[at] > vec4<f32>(0.0))` : value)}
    }`;
}

/** The sums over a ray's samples of what reaches its part of the first layer. */
function rayGradient({ layers, pitch }: NarrowLayout): string {
  const [{ to, outputs }] = layers;
  return /* wgsl */ `
    if (lane < ${outputs}) {
      for (var u = 0u; u < used; u++) { ofRay += dot(stages[(${to} + lane) * ${pitch} + u], vec4<f32>(1.0)); }
      if (tile % perRay == perRay - 1) {
        gradBase[ray * ${outputs} + lane] = ofRay;
        ofRay = 0.0;
      }
    }`;
}

const backwardParams = {
  ...forwardParams,
  strideGradX: 'u32',
  columnGradX: 'u32',
  tilesPerPiece: 'u32',
} as const;

function backwardParts(shape: NarrowShape) {
  const layout = requireLayout(shape);
  const { layers } = layout;
  const last = layers[layers.length - 1];
  const based = shape.kind === 'ray';
  const at = `row * ${last.outputs} + min(k, ${last.outputs - 1})`;
  const gradient = based ? `gradY[${at}] * y[${at}] * (1.0 - y[${at}])` : `gradY[${at}]`;
  const sums = layers.flatMap((layer, l) =>
    numbers(blocksOf(layer).each).flatMap((i) => numbers(4).map((r) => `var ${sumName(l, i, r)} = vec4<f32>(0.0);`)),
  );
  const downwards = layers.map((layer, l) =>
    layerBackward(layer, l, layout, based && l === 0 ? rayGradient(layout) : ''),
  );
  const stored = `gradX[row * params.strideGradX + params.columnGradX + k] = value;`;
  return {
    layout,
    declarations: productFunctions(layout),
    body: /* wgsl */ `
      ${laneText(layout)}
      let tiles = params.rows / params.samples * perRay;
      ${sums.join(' ')}
      ${based ? 'var ofRay = 0.0;' : ''}
      for (var tile = group * params.tilesPerPiece; tile < min((group + 1) * params.tilesPerPiece, tiles); tile++) {
        ${tileText(layout)}
        ${loadInputs(layout, shape.kind)}
        ${loadStage(last.to, last.paddedOutputs, layout, `select(0.0, ${gradient}, k < ${last.outputs})`)}
        ${layers
          .slice(0, -1)
          .map((layer, l) => layerForward(layer, layout, true, based && l === 0))
          .join('')}
        ${downwards.reverse().join('')}
        workgroupBarrier();
        ${storeStage(0, layers[0].inputs, layout, stored)}
        workgroupBarrier();
      }
      ${layers.map((layer, l) => storeBlocks(layer, l, layout)).join('')}
    `,
  };
}

const countPieces =
  (layout: NarrowLayout) =>
  ({ tilesPerPiece, ...points }: { rows: number; samples: number; tilesPerPiece: number }) =>
    Math.ceil(countNarrowTiles(layout, points) / tilesPerPiece);

const partialsShape = '[pieces, gradientLength] gradients of the weights =';

/** Gradients of weights and inputs from that of the outputs; samples = rows. */
export const narrowBackwardKernel = memoise(
  (inputs: number, hidden: number, hiddenLayers: number, outputs: number, kind: 'plain' | 'bias') => {
    const shape = { inputs, hidden, hiddenLayers, outputs, kind };
    const { layout, ...text } = backwardParts(shape);
    return defineKernel({
      name: `narrow-backward-${shapeName(shape)}`,
      params: backwardParams,
      buffers: {
        x: read('f32', '[rows, strideX] columns columnX … used'),
        packed: read('vec4<f32>', 'weights'),
        gradY: read('f32', '[rows, outputs]'),
        gradX: write('f32', '[rows, strideGradX] columns columnGradX … ='),
        partials: write('f32', partialsShape),
      },
      workgroupSize: narrowGroup,
      over: 'groups',
      count: countPieces(layout),
      ...text,
    });
  },
);

/** The same for sums of rays and a sigmoid, whose gradients are part of it. A piece holds whole rays. */
export const narrowRayBackwardKernel = memoise(
  (inputs: number, hidden: number, hiddenLayers: number, outputs: number) => {
    const shape = { inputs, hidden, hiddenLayers, outputs, kind: 'ray' } as const;
    const { layout, ...text } = backwardParts(shape);
    return defineKernel({
      name: `narrow-backward-${shapeName(shape)}`,
      params: backwardParams,
      buffers: {
        x: read('f32', '[rays, samples, strideX] columns columnX … used'),
        base: read('vec4<f32>', '[rays, hidden] sums of the first layer to start from'),
        packed: read('vec4<f32>', 'weights'),
        y: read('f32', '[rays, samples, outputs] as the forward pass left them'),
        gradY: read('f32', '[rays, samples, outputs]'),
        gradX: write('f32', '[rays, samples, strideGradX] columns columnGradX … ='),
        gradBase: write('f32', '[rays, hidden] ='),
        partials: write('f32', partialsShape),
      },
      workgroupSize: narrowGroup,
      over: 'groups',
      count: countPieces(layout),
      ...text,
    });
  },
);
