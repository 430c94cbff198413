/** The graphs of a segmenter folder, held against segmenter.json, and one call for each run of them. */
import { type CheckedGraph, type ExpectedPort, type GraphFile, loadCheckedGraph } from '../encoders/graph.ts';
import type { InferenceRuntime, TensorInput, TensorOutput } from '../encoders/inference-runtime.ts';
import { type PictureInput, pictureInputPorts, pictureTensors } from '../encoders/picture-input.ts';
import { LangfieldError } from '../errors.ts';
import { baseName, type FileSystem, joinPath } from '../platform/platform.ts';
import type { ConstantInput, PointDecoding, QueryDecoding, SegmenterFolder } from './segmenter-folder.ts';

export interface QueryGraph {
  readonly path: string;
  /** Logits and masks. */
  run(input: PictureInput): Promise<TensorOutput[]>;
  close(): Promise<void>;
}

export async function loadQueryGraph(
  folder: SegmenterFolder,
  files: FileSystem,
  { logits, masks }: QueryDecoding,
  runtime: InferenceRuntime,
  threads: number | undefined,
): Promise<QueryGraph> {
  const outputs = [
    { field: 'decoding.logits', name: logits },
    { field: 'decoding.masks', name: masks },
  ];
  const graph = await loadPictureGraph(folder, files, outputs, runtime, threads);
  return {
    path: graph.path,
    run: (input) => graph.run(pictureFeeds(folder, graph, input), [logits, masks]),
    close: () => graph.close(),
  };
}

export interface PointGraphs {
  /** Of the decoder. */
  readonly path: string;
  encode(input: PictureInput): Promise<TensorOutput[]>;
  /** Masks and scores. @param points [points, 2] x, y in pixels of the picture input */
  decode(embeddings: readonly TensorOutput[], points: Float32Array): Promise<TensorOutput[]>;
  close(): Promise<void>;
}

export async function loadPointGraphs(
  folder: SegmenterFolder,
  files: FileSystem,
  decoding: PointDecoding,
  runtime: InferenceRuntime,
  threads: number | undefined,
): Promise<PointGraphs> {
  const { embeddings, decoder } = decoding;
  const outputs = embeddings.map((name, index) => ({ field: `decoding.embeddings.${index}`, name }));
  const encoderGraph = await loadPictureGraph(folder, files, outputs, runtime, threads);
  let decoderGraph: CheckedGraph;
  try {
    decoderGraph = await loadDecoder(folder, files, decoding, runtime, threads);
  } catch (error) {
    await encoderGraph.close();
    throw error;
  }
  return {
    path: decoderGraph.path,
    encode: (input) => encoderGraph.run(pictureFeeds(folder, encoderGraph, input), embeddings),
    decode(vectors, points) {
      const count = points.length / 2;
      const labels: TensorInput = {
        type: decoderGraph.typeOf(decoder.labels) as TensorInput['type'],
        data: new Int32Array(count).fill(1),
        shape: [1, count, 1],
      };
      if (labels.type === 'float32') labels.data = new Float32Array(labels.data);
      const feeds: Record<string, TensorInput> = {
        ...constantFeeds(decoder.constants),
        [decoder.points]: { type: 'float32', data: points, shape: [1, count, 1, 2] },
        [decoder.labels]: labels,
      };
      embeddings.forEach((name, index) => {
        feeds[name] = { type: 'float32', data: vectors[index].data, shape: vectors[index].shape };
      });
      return decoderGraph.run(feeds, [decoder.masks, decoder.scores]);
    },
    async close() {
      await encoderGraph.close();
      await decoderGraph.close();
    },
  };
}

async function loadDecoder(
  folder: SegmenterFolder,
  files: FileSystem,
  { embeddings, decoder }: PointDecoding,
  runtime: InferenceRuntime,
  threads: number | undefined,
): Promise<CheckedGraph> {
  const inputs: ExpectedPort[] = [
    ...embeddings.map((name, index) => ({ field: `decoding.embeddings.${index}`, name, types: ['float32'] })),
    {
      field: 'decoding.decoder.points',
      name: decoder.points,
      types: ['float32'],
      shape: [undefined, undefined, undefined, { size: 2 }],
    },
    {
      field: 'decoding.decoder.labels',
      name: decoder.labels,
      types: ['int64', 'int32', 'float32'],
      shape: [undefined, undefined, undefined],
    },
    ...constantPorts(decoder.constants, 'decoding.decoder.constants', folder),
  ];
  const outputs = [
    { field: 'decoding.decoder.masks', name: decoder.masks, types: ['float32'] },
    { field: 'decoding.decoder.scores', name: decoder.scores, types: ['float32'] },
  ];
  return loadCheckedGraph(await graphFile(folder, decoder.file, files), runtime, threads, inputs, outputs);
}

async function loadPictureGraph(
  folder: SegmenterFolder,
  files: FileSystem,
  outputs: readonly { field: string; name: string }[],
  runtime: InferenceRuntime,
  threads: number | undefined,
): Promise<CheckedGraph> {
  const { file, image, constants } = folder.description;
  return loadCheckedGraph(
    await graphFile(folder, file, files),
    runtime,
    threads,
    [...pictureInputPorts(image), ...constantPorts(constants, 'constants', folder)],
    // Exports often leave the shapes free: they are checked on results (open-segmenter.ts).
    outputs.map((output) => ({ ...output, types: ['float32'] })),
  );
}

async function graphFile(
  { path, descriptionPath }: SegmenterFolder,
  file: string,
  files: FileSystem,
): Promise<GraphFile> {
  const place = joinPath(path, file);
  return { path: place, model: await files.readBytes(place), description: baseName(descriptionPath) };
}

function pictureFeeds(
  { description: { image, constants } }: SegmenterFolder,
  graph: CheckedGraph,
  input: PictureInput,
): Record<string, TensorInput> {
  return { ...pictureTensors(image, input, graph.typeOf), ...constantFeeds(constants) };
}

function constantPorts(constants: readonly ConstantInput[], field: string, folder: SegmenterFolder): ExpectedPort[] {
  return constants.map(({ input, type, shape, values }, index) => {
    const length = shape.reduce((product, size) => product * size, 1);
    if (Array.isArray(values) && values.length !== length)
      throw new LangfieldError({
        file: folder.descriptionPath,
        field: `${field}.${index}.values`,
        problem: 'the values do not fill the shape',
        found: `${values.length} numbers`,
        expected: `${length}, for [${shape.join(', ')}]`,
        advice: 'Give one number for all places, or all of them',
      });
    return { field: `${field}.${index}.input`, name: input, types: [type], shape: shape.map(() => undefined) };
  });
}

function constantFeeds(constants: readonly ConstantInput[]): Record<string, TensorInput> {
  return Object.fromEntries(
    constants.map(({ input, type, shape, values }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const data = new (type === 'float32' ? Float32Array : Int32Array)(length);
      if (Array.isArray(values)) data.set(values);
      else data.fill(values);
      return [input, { type, data, shape }];
    }),
  );
}
