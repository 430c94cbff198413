/**
 * Detector folders with graphs of a few numbers for tests, in the layouts that real exports have: names, axes and types
 * as optimum (DETR, OWL-ViT) and Ultralytics (YOLO) write them. Every graph looks at a 32 × 32 picture in 4 × 4 cells,
 * proposes each cell as a box, and scores it for red, green and blue by its mean colour.
 */
import { GraphBuilder } from '../encoders/vit/onnx-writer.ts';
import type { FileSystem, Image } from '../platform/platform.ts';

const cells = 16;
export const tinyClasses = ['red', 'green', 'blue'];

/** A black photo of 64 × 48 with rectangles [x0, y0, x1, y1] of a colour. */
export function photoWith(...patches: { box: readonly number[]; colour: readonly number[] }[]): Image {
  const [width, height] = [64, 48];
  const data = new Uint8Array(3 * width * height);
  for (const { box, colour } of patches)
    for (let y = box[1]; y < box[3]; y++) for (let x = box[0]; x < box[2]; x++) data.set(colour, 3 * (y * width + x));
  return { width, height, channels: 3, data };
}

/** Boxes of the cells, row by row: [16, 4]. */
function cellBoxes(format: 'cxcywh' | 'xyxy', unit: number): Float32Array {
  return Float32Array.from({ length: 4 * cells }, (_, i) => {
    const [cell, k] = [i >> 2, i & 3];
    const at = k % 2 === 0 ? cell % 4 : cell >> 2;
    if (format === 'xyxy') return ((k < 2 ? at : at + 1) * unit) / 4;
    return ((k < 2 ? at + 0.5 : 1) * unit) / 4;
  });
}

/** Mean colours of the cells as [1, 3, 16] and [1, 16, 3]. */
function cellColours(graph: GraphBuilder, pixels: string): { columns: string; rows: string } {
  const pooled = graph.add('pooled', 'AveragePool', [pixels], { kernel_shape: [8, 8], strides: [8, 8] });
  const columns = graph.add('columns', 'Reshape', [pooled, graph.integers('flat', [1, 3, cells])]);
  return { columns, rows: graph.add('cells', 'Transpose', [columns], { perm: [0, 2, 1] }) };
}

/** As optimum exports DetrForObjectDetection: softmax over classes and "no object", and a mask of the picture. */
export function detrGraph(): Uint8Array {
  const graph = new GraphBuilder('detr');
  const pixels = graph.input('pixel_values', 'float', ['batch_size', 'num_channels', 'height', 'width']);
  const mask = graph.add('mask', 'Cast', [graph.input('pixel_mask', 'int64', ['batch_size', 64, 64])], { to: 1 });
  const seen = graph.add('seen', 'ReduceMean', [mask], { keepdims: 0 });
  const { rows } = cellColours(graph, pixels);
  const classes = graph.add('classes', 'Mul', [rows, graph.floats('ten', [10])]);
  const nothing = graph.floats('nothing', new Float32Array(cells).fill(4), [1, cells, 1]);
  const joined = graph.add('joined', 'Concat', [classes, nothing], { axis: 2 });
  graph.output(graph.add('logits', 'Mul', [joined, seen]), ['batch_size', 'num_queries', 4]);
  const boxes = graph.floats('boxes', cellBoxes('cxcywh', 1), [1, cells, 4]);
  graph.output(graph.add('pred_boxes', 'Identity', [boxes]), ['batch_size', 'num_queries', 4]);
  return graph.encode(13, 'test');
}

export const detrDescription = {
  name: 'tiny DETR',
  file: 'model.onnx',
  image: {
    ...{ input: 'pixel_values', size: 32, mean: [0, 0, 0], std: [1, 1, 1], antialias: false },
    mask: { input: 'pixel_mask', size: [64, 64] },
  },
  decoding: {
    ...{ kind: 'boxes', boxes: 'pred_boxes', boxFormat: 'cxcywh', boxUnits: 'normalised' },
    ...{ scores: 'logits', activation: 'softmax', background: 'last' },
  },
  classes: 'classes.txt',
};

/** Corners in pixels, raw scores behind a background column, and objectness on its own. */
export function cornersGraph(): Uint8Array {
  const graph = new GraphBuilder('corners');
  const { rows } = cellColours(graph, graph.input('images', 'float', [1, 3, 32, 32]));
  const logits = graph.add('logits', 'Sub', [
    graph.add('stretched', 'Mul', [rows, graph.floats('twenty', [20])]),
    graph.floats('ten', [10]),
  ]);
  const background = graph.floats('background', new Float32Array(cells).fill(50), [1, cells, 1]);
  graph.output(graph.add('scores', 'Concat', [background, logits], { axis: 2 }), [1, cells, 4]);
  const boxes = graph.floats('pixels', cellBoxes('xyxy', 32), [1, cells, 4]);
  graph.output(graph.add('boxes', 'Identity', [boxes]), [1, cells, 4]);
  // sigmoid(0) = 0.5 for all cells but the first.
  const sure = Float32Array.from({ length: cells }, (_, i) => (i === 0 ? -20 : 0));
  graph.output(graph.add('objectness', 'Identity', [graph.floats('sure', sure, [1, cells, 1])]), [1, cells, 1]);
  return graph.encode(13, 'test');
}

export const cornersDescription = {
  ...detrDescription,
  name: 'tiny corners',
  image: { input: 'images', size: [32, 32], mean: [0, 0, 0], std: [1, 1, 1], antialias: false },
  decoding: {
    ...{ kind: 'boxes', boxes: 'boxes', boxFormat: 'xyxy', boxUnits: 'pixels' },
    ...{ scores: 'scores', activation: 'sigmoid', background: 'first' },
    ...{ objectness: 'objectness', objectnessActivation: 'sigmoid' },
  },
};

/** As Ultralytics exports YOLOv8 [1, 4 + classes, n], or YOLOv5 [1, n, 5 + classes] with objectness 0.5. */
export function yoloGraph(version: 5 | 8): Uint8Array {
  const graph = new GraphBuilder('yolo');
  const { columns } = cellColours(graph, graph.input('images', 'float', [1, 3, 32, 32]));
  const boxes = graph.floats('boxes', transposed(cellBoxes('cxcywh', 32)), [1, 4, cells]);
  const objectness = graph.floats('objectness', new Float32Array(cells).fill(0.5), [1, 1, cells]);
  const parts = version === 8 ? [boxes, columns] : [boxes, objectness, columns];
  const joined = graph.add(version === 8 ? 'output0' : 'joined', 'Concat', parts, { axis: 1 });
  if (version === 8) graph.output(joined, [1, 7, cells]);
  else graph.output(graph.add('output0', 'Transpose', [joined], { perm: [0, 2, 1] }), [1, cells, 8]);
  return graph.encode(13, 'test');
}

export function yoloDescription(version: 5 | 8) {
  return {
    ...cornersDescription,
    name: `tiny YOLOv${version}`,
    decoding: {
      ...{ kind: 'rows', output: 'output0', axes: version === 8 ? 'columns-first' : 'rows-first' },
      ...{ objectness: version === 5, boxFormat: 'cxcywh', boxUnits: 'pixels' },
    },
  };
}

function transposed(boxes: Float32Array): Float32Array {
  return Float32Array.from(boxes, (_, i) => boxes[4 * (i % cells) + Math.floor(i / cells)]);
}

const words = ['[PAD]', '[UNK]', 'a', 'photo', 'of', 'red', 'green', 'blue'];

/** As optimum exports OwlViTForObjectDetection and Owlv2ForObjectDetection: phrases beside the picture. */
export function owlGraph(queries: number | string = 'text_batch_size'): Uint8Array {
  const graph = new GraphBuilder('owl');
  const ids = graph.input('input_ids', 'int64', [queries, 'sequence_length']);
  const pixels = graph.input('pixel_values', 'float', ['image_batch_size', 'num_channels', 'height', 'width']);
  const mask = graph.input('attention_mask', 'int64', [queries, 'sequence_length']);
  const table = new Float32Array(3 * words.length).fill(9, 0, 3);
  for (let colour = 0; colour < 3; colour++) table[3 * (5 + colour) + colour] = 1;
  const vectors = graph.add('vectors', 'Gather', [graph.floats('table', table, [words.length, 3]), ids], { axis: 0 });
  const kept = graph.add('kept', 'Cast', [mask], { to: 1 });
  const weights = graph.add('weights', 'Unsqueeze', [kept, graph.integers('last', [2])]);
  const masked = graph.add('masked', 'Mul', [vectors, weights]);
  const text = graph.add('text', 'ReduceSum', [masked, graph.integers('tokens', [1])], { keepdims: 0 });
  const { rows } = cellColours(graph, pixels);
  const product = graph.add('product', 'MatMul', [rows, graph.add('text_t', 'Transpose', [text], { perm: [1, 0] })]);
  const scaled = graph.add('scaled', 'Mul', [product, graph.floats('twenty', [20])]);
  graph.output(graph.add('logits', 'Sub', [scaled, graph.floats('ten', [10])]), ['image_batch_size', cells, queries]);
  const boxes = graph.floats('boxes', cellBoxes('cxcywh', 1), [1, cells, 4]);
  graph.output(graph.add('pred_boxes', 'Identity', [boxes]), ['image_batch_size', cells, 4]);
  graph.output(graph.add('text_embeds', 'Unsqueeze', [text, graph.integers('first', [0])]), [1, queries, 3]);
  graph.output(graph.add('image_embeds', 'Identity', [rows]), ['image_batch_size', cells, 3]);
  return graph.encode(13, 'test');
}

export const owlDescription = {
  name: 'tiny OWL',
  file: 'model.onnx',
  image: { input: 'pixel_values', size: 32, mean: [0, 0, 0], std: [1, 1, 1], antialias: false },
  decoding: { kind: 'queries', logits: 'logits', boxes: 'pred_boxes' },
  text: {
    ...{ input: 'input_ids', maskInput: 'attention_mask', contextLength: 6, padId: 0 },
    prompt: 'a photo of a {}',
  },
};

export const tinyTokenizer = JSON.stringify({
  ...{ version: '1.0', truncation: null, padding: null, added_tokens: [] },
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'WhitespaceSplit' },
  ...{ post_processor: null, decoder: null },
  model: { type: 'WordLevel', vocab: Object.fromEntries(words.map((word, id) => [word, id])), unk_token: '[UNK]' },
});

/** Writes a folder; `undefined` as a file's contents leaves the file out. */
export async function writeDetector(
  files: FileSystem,
  folder: string,
  description: object,
  model: Uint8Array | undefined,
  more: Record<string, string | Uint8Array | undefined> = {},
): Promise<string> {
  const contents: Record<string, string | Uint8Array | undefined> = {
    'detector.json': JSON.stringify(description),
    'model.onnx': model,
    'classes.txt': `${tinyClasses.join('\n')}\n`,
    'tokenizer.json': tinyTokenizer,
    ...more,
  };
  for (const [name, data] of Object.entries(contents))
    if (data !== undefined) await files.writeAtomic(`${folder}/${name}`, data);
  return folder;
}
