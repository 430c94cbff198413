/**
 * GPU kernels of narrow perceptrons (mlp.ts), forward: a workgroup takes a tile of points through all layers in workgroup
 * memory, and only the outputs go out. Weights come from a packed copy (`narrow-weights.wgsl.ts`). Wide perceptrons are tiled
 * products, layer by layer (`dense.wgsl.ts`).
 */
import { defineKernel, memoise, read, write } from '../wgsl/kernel.ts';
import { countNarrowTiles, type NarrowShape, narrowGroup } from './narrow-layout.ts';
import {
  laneText,
  layerForward,
  loadInputs,
  productFunctions,
  requireLayout,
  shapeName,
  storeStage,
  tileText,
} from './narrow-tile.wgsl.ts';

export const forwardParams = { rows: 'u32', samples: 'u32', strideX: 'u32', columnX: 'u32' } as const;

function forwardParts(shape: NarrowShape) {
  const layout = requireLayout(shape);
  const { layers } = layout;
  const last = layers[layers.length - 1];
  const based = shape.kind === 'ray';
  const stored = based ? '1.0 / (1.0 + exp(-value))' : 'value';
  return {
    layout,
    declarations: productFunctions(layout),
    body: /* wgsl */ `
      ${laneText(layout)}
      let tile = group;
      ${tileText(layout)}
      ${loadInputs(layout, shape.kind)}
      ${layers.map((layer, l) => layerForward(layer, layout, layer !== last, based && l === 0)).join('')}
      workgroupBarrier();
      ${storeStage(last.to, last.outputs, layout, `y[row * ${last.outputs} + k] = ${stored};`)}
    `,
  };
}

/** y [rows, outputs] = the perceptron of x; samples = rows. */
export const narrowForwardKernel = memoise(
  (inputs: number, hidden: number, hiddenLayers: number, outputs: number, kind: 'plain' | 'bias') => {
    const shape = { inputs, hidden, hiddenLayers, outputs, kind };
    const { layout, ...text } = forwardParts(shape);
    return defineKernel({
      name: `narrow-forward-${shapeName(shape)}`,
      params: forwardParams,
      buffers: {
        x: read('f32', '[rows, strideX] columns columnX … used'),
        packed: read('vec4<f32>', 'weights'),
        y: write('f32', '[rows, outputs] ='),
      },
      workgroupSize: narrowGroup,
      over: 'groups',
      count: (points) => countNarrowTiles(layout, points),
      ...text,
    });
  },
);

/** The same from the sums of rays, through a sigmoid: y [rays, samples, outputs]. */
export const narrowRayForwardKernel = memoise(
  (inputs: number, hidden: number, hiddenLayers: number, outputs: number) => {
    const shape = { inputs, hidden, hiddenLayers, outputs, kind: 'ray' } as const;
    const { layout, ...text } = forwardParts(shape);
    return defineKernel({
      name: `narrow-forward-${shapeName(shape)}`,
      params: forwardParams,
      buffers: {
        x: read('f32', '[rays, samples, strideX] columns columnX … used'),
        base: read('vec4<f32>', '[rays, hidden] sums of the first layer to start from'),
        packed: read('vec4<f32>', 'weights'),
        y: write('f32', '[rays, samples, outputs] in [0, 1] ='),
      },
      workgroupSize: narrowGroup,
      over: 'groups',
      count: (points) => countNarrowTiles(layout, points),
      ...text,
    });
  },
);
