/**
 * Segmenter folders with graphs of a few numbers for tests, with the names, axes and types of real exports (optimum and
 * Transformers.js): DETR with masks, MaskFormer and its kin, OneFormer, SAM, SAM 2. They segment by colour: a mask is where
 * the picture, averaged over 4 × 4 pixels, is near a query's (or a point's) colour.
 */
import { GraphBuilder } from '../encoders/vit/onnx-writer.ts';
import type { FileSystem } from '../platform/platform.ts';
import type { SegmenterPhoto } from '../regions/segmenter.ts';

/** A black photo of 64 × 48 with rectangles [x0, y0, x1, y1] of a colour. */
export function photoWith(...patches: { box: readonly number[]; colour: readonly number[] }[]): SegmenterPhoto {
  const [width, height] = [64, 48];
  const rgb = new Uint8Array(3 * width * height);
  for (const { box, colour } of patches)
    for (let y = box[1]; y < box[3]; y++) for (let x = box[0]; x < box[2]; x++) rgb.set(colour, 3 * (y * width + x));
  return { width, height, rgb };
}

interface Query {
  /** Mask logit = weights · rgb + bias. */
  weights: readonly number[];
  bias: number;
  /** Class logits, the last one "nothing here". */
  classes: readonly number[];
}

/** Red, green, blue, everything dark; a second and worse red; one that is nothing; one that is not sure. */
export const colourQueries: readonly Query[] = [
  { weights: [20, -20, -20], bias: -10, classes: [6, 0, 0] },
  { weights: [-20, 20, -20], bias: -10, classes: [0, 6, 0] },
  { weights: [-20, -20, 20], bias: -10, classes: [6, 0, 0] },
  { weights: [-20, -20, -20], bias: 10, classes: [0, 6, 0] },
  { weights: [20, -20, -20], bias: -10.5, classes: [3, 0, 0] },
  { weights: [20, 20, 20], bias: 10, classes: [0, 0, 9] },
  { weights: [20, 20, 20], bias: 10, classes: [0.1, 0, 0] },
];

interface QueryLayout {
  logits: string;
  masks: string;
  inputs(graph: GraphBuilder): string;
}

function queryGraph(name: string, { logits, masks, inputs }: QueryLayout, queries = colourQueries): Uint8Array {
  const graph = new GraphBuilder(name);
  const pixels = graph.input('pixel_values', 'float', ['batch_size', 'num_channels', 'height', 'width']);
  // What else must come in decides: without it the result is wrong.
  const one = inputs(graph);
  const pooled = graph.add('pooled', 'AveragePool', [pixels], { kernel_shape: [4, 4], strides: [4, 4] });
  const weights = graph.floats(
    'weights',
    queries.flatMap((query) => query.weights),
    [queries.length, 3, 1, 1],
  );
  const bias = graph.floats(
    'bias',
    queries.map((query) => query.bias),
    [queries.length],
  );
  graph.add('unweighted', 'Conv', [pooled, weights, bias], { kernel_shape: [1, 1] });
  graph.output(graph.add(masks, 'Mul', ['unweighted', one]), ['batch_size', 'num_queries', 'rows', 'cols']);
  const classes = graph.floats(
    'classes',
    queries.flatMap((query) => query.classes),
    [1, queries.length, 3],
  );
  graph.output(graph.add(logits, 'Mul', [classes, one]), ['batch_size', 'num_queries', 3]);
  return graph.encode(13, 'test');
}

function maskInput(dims: readonly (number | string)[]) {
  return (graph: GraphBuilder): string => {
    const mask = graph.add('mask', 'Cast', [graph.input('pixel_mask', 'int64', dims)], { to: 1 });
    return graph.add('seen', 'ReduceMean', [mask], { keepdims: 0 });
  };
}

/** As optimum exports DetrForSegmentation; pred_boxes is there and of no use. */
export const detrGraph = (queries = colourQueries) =>
  queryGraph('detr', { logits: 'logits', masks: 'pred_masks', inputs: maskInput(['batch_size', 64, 64]) }, queries);

/** As Transformers.js loads MaskFormerForInstanceSegmentation. */
export const maskFormerGraph = () =>
  queryGraph('maskformer', {
    logits: 'class_queries_logits',
    masks: 'masks_queries_logits',
    inputs: maskInput(['batch_size', 'height', 'width']),
  });

/** Mask2Former's outputs, and OneFormer's task beside the picture. */
export const oneFormerGraph = () =>
  queryGraph('oneformer', {
    logits: 'class_queries_logits',
    masks: 'masks_queries_logits',
    inputs(graph) {
      const task = graph.add('task', 'Cast', [graph.input('task_inputs', 'int64', ['batch_size', 4])], { to: 1 });
      return graph.add('task_mean', 'ReduceMean', [task], { keepdims: 0 });
    },
  });

export const plainPixels = { input: 'pixel_values', mean: [0, 0, 0], std: [1, 1, 1], antialias: false };

export const detrDescription = {
  name: 'tiny DETR',
  file: 'model.onnx',
  image: {
    ...plainPixels,
    size: { shortest: 48, longest: 64 },
    mask: { input: 'pixel_mask', size: [64, 64] },
  },
  decoding: { kind: 'queries', logits: 'logits', masks: 'pred_masks' },
};

export const oneFormerDescription = {
  ...detrDescription,
  name: 'tiny OneFormer',
  image: { ...plainPixels, size: [48, 64] },
  decoding: { kind: 'queries', logits: 'class_queries_logits', masks: 'masks_queries_logits' },
  constants: [{ input: 'task_inputs', type: 'int64', shape: [1, 4], values: [0, 1, 2, 1] }],
};

/** As optimum exports SAM's picture encoder: [1, 3, side, side] → embeddings of a quarter of the side. */
export function samEncoderGraph(names: readonly string[], side: number): Uint8Array {
  const graph = new GraphBuilder('vision-encoder');
  const pixels = graph.input('pixel_values', 'float', ['batch_size', 3, side, side]);
  const pooled = graph.add('pooled', 'AveragePool', [pixels], { kernel_shape: [4, 4], strides: [4, 4] });
  for (const name of names) graph.output(graph.add(name, 'Identity', [pooled]), ['batch_size', 3, side / 4, side / 4]);
  return graph.encode(17, 'test');
}

/**
 * As optimum exports SAM's decoder. Three masks per point: where the picture has the colour at the point; everything; and
 * one of logits so small that no threshold holds it, which is the one with the best score.
 */
export function samDecoderGraph(names: readonly string[], side: number, hasBoxes = false): Uint8Array {
  const graph = new GraphBuilder('prompt-encoder-mask-decoder');
  const points = graph.input('input_points', 'float', ['batch_size', 'point_batch_size', 'nb_points_per_image', 2]);
  const labels = graph.input('input_labels', 'int64', ['batch_size', 'point_batch_size', 'nb_points_per_image']);
  const embeddings = names.map((name) => graph.input(name, 'float', ['batch_size', 3, side / 4, side / 4]));
  if (hasBoxes) graph.input('input_boxes', 'float', ['batch_size', 'num_boxes', 4]);
  const mixed = embeddings.slice(1).reduce((sum, name, i) => graph.add(`mixed${i}`, 'Add', [sum, name]), embeddings[0]);
  const picture = graph.add('picture', 'Div', [mixed, graph.floats('levels', [names.length])]);
  const places = graph.add('places', 'Sub', [
    graph.add('scaled', 'Mul', [points, graph.floats('to_two', [2 / side])]),
    graph.floats('one', [1]),
  ]);
  graph.add('colours', 'GridSample', [picture, places], { mode: 'nearest', padding_mode: 'border' }); // [1, 3, P, 1]
  const colours = graph.add('point_colours', 'Transpose', ['colours'], { perm: [2, 1, 0, 3] }); // [P, 3, 1, 1]
  const difference = graph.add('difference', 'Sub', [picture, colours]);
  const squares = graph.add('squares', 'Mul', [difference, difference]);
  const distance = graph.add('distance', 'ReduceSum', [squares, graph.integers('channels', [1])], { keepdims: 1 });
  const scaled = (name: string, factor: number, offset: number) =>
    graph.add(name, 'Add', [
      graph.add(`${name}_scaled`, 'Mul', [distance, graph.floats(`${name}_factor`, [factor])]),
      graph.floats(`${name}_offset`, [offset]),
    ]);
  const masks = [scaled('alike', -16, 8), scaled('whole', 0, 8), scaled('vague', -1, 0.5)];
  graph.add('joined', 'Concat', masks, { axis: 1 });
  graph.output(graph.add('pred_masks', 'Unsqueeze', ['joined', graph.integers('first', [0])]), [
    ...['batch_size', 'point_batch_size', 'nb_masks_per_point'],
    ...['rows', 'cols'],
  ]);
  const shape = graph.add('label_shape', 'Cast', [labels], { to: 1 });
  const scores = graph.add('scores', 'Mul', [shape, graph.floats('ious', [0.95, 0.9, 0.99], [1, 1, 3])]);
  graph.output(graph.add('iou_scores', 'Identity', [scores]), ['batch_size', 'point_batch_size', 3]);
  return graph.encode(17, 'test');
}

export const samNames = ['image_embeddings', 'image_positional_embeddings'];

export const samDescription = {
  name: 'tiny SAM',
  file: 'encoder.onnx',
  image: { ...plainPixels, size: 64, fit: 'pad', padValue: [0, 0, 0] },
  decoding: {
    kind: 'points',
    embeddings: samNames,
    decoder: { file: 'decoder.onnx' },
    pointsPerSide: 8,
    pointsPerRun: 10,
  },
};

/** Writes a folder of any names. */
export async function writeFolder(
  files: FileSystem,
  folder: string,
  contents: Record<string, object | Uint8Array | undefined>,
): Promise<string> {
  for (const [name, data] of Object.entries(contents))
    if (data !== undefined)
      await files.writeAtomic(`${folder}/${name}`, data instanceof Uint8Array ? data : JSON.stringify(data));
  return folder;
}
