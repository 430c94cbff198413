/**
 * Dense features of a whole photo, DINO's role (spec §1.8): the shorter side is resized to the described size, the
 * other side in proportion (truncated), and the graph returns one vector per patch. No normalisation; the class token
 * must be dropped inside the graph.
 */
import { LangfieldError } from '../errors.ts';
import type { DenseEncoder } from './encoder.ts';
import { type EncoderDescription, type EncoderFolder, graphFile } from './encoder-folder.ts';
import { loadCheckedGraph, runForLength } from './graph.ts';
import type { InferenceRuntime } from './inference-runtime.ts';
import { type PictureShape, Resampler } from './resample.ts';

type DenseDescription = NonNullable<EncoderDescription['dense']>;
type DensePhoto = Parameters<DenseEncoder['encodePhoto']>[0];
type DenseFeatures = Awaited<ReturnType<DenseEncoder['encodePhoto']>>;

export async function openDenseEncoder(
  folder: EncoderFolder,
  model: Uint8Array,
  runtime: InferenceRuntime,
  threads: number | undefined,
): Promise<DenseEncoder & { close(): Promise<void> }> {
  const dense = folder.description.dense!;
  const graph = await openDenseGraph(folder, dense, model, runtime, threads);
  const resampler = new Resampler(dense);
  const encodeAt = async (photo: DensePhoto, resized: PictureShape): Promise<DenseFeatures> => {
    const rows = patchCount(resized.height, dense);
    const cols = patchCount(resized.width, dense);
    const data = new Float32Array(3 * resized.width * resized.height);
    resampler.resample(photo.rgb, 0, photo, resized, data, 0);
    const shape =
      dense.layout === 'nchw' ? [1, 3, resized.height, resized.width] : [1, resized.height, resized.width, 3];
    const inputs = { [dense.input]: { type: 'float32', data, shape } } as const;
    const named = { field: 'dense.output', name: dense.output };
    const output = await runForLength(graph, inputs, named, rows * cols * dense.dim);
    const features = dense.outputLayout === 'nchw' ? channelsLast(output, dense.dim) : output.slice();
    if (!features.every(Number.isFinite))
      throw new LangfieldError({
        file: graph.path,
        problem: 'the dense graph returned numbers that are not finite',
        advice: 'Check mean, std and the export of the graph',
      });
    return { rows, cols, features };
  };
  const encoder: DenseEncoder & { close(): Promise<void> } = {
    dim: dense.dim,
    identity: folder.denseIdentity!,
    encodePhoto: (photo) => encodeAt(photo, denseInputSize(photo.width, photo.height, dense.size)),
    close: () => graph.close(),
  };
  // The smallest picture whose grid has two rows and two columns shows a wrong patch, stride, dim or layout.
  const side = dense.patch + (dense.stride ?? dense.patch);
  const probe = { width: side, height: side, rgb: new Uint8Array(3 * side * side).fill(128) };
  try {
    await encodeAt(probe, probe);
  } catch (error) {
    await graph.close();
    throw error;
  }
  return encoder;
}

/** Size of the photo that reaches the graph. */
export function denseInputSize(width: number, height: number, shorter: number): { width: number; height: number } {
  return width <= height
    ? { width: shorter, height: Math.trunc((shorter * height) / width) }
    : { width: Math.trunc((shorter * width) / height), height: shorter };
}

function patchCount(side: number, dense: DenseDescription): number {
  return 1 + Math.floor((side - dense.patch) / (dense.stride ?? dense.patch));
}

function openDenseGraph(
  folder: EncoderFolder,
  dense: DenseDescription,
  model: Uint8Array,
  runtime: InferenceRuntime,
  threads: number | undefined,
) {
  const channels = { size: 3 };
  const width = { size: dense.dim, field: 'dense.dim' };
  const outputShapes = {
    tokens: [undefined, undefined, width],
    nhwc: [undefined, undefined, undefined, width],
    nchw: [undefined, width, undefined, undefined],
  };
  return loadCheckedGraph(
    graphFile(folder, dense.file, model),
    runtime,
    threads,
    [
      {
        field: 'dense.input',
        name: dense.input,
        types: ['float32'],
        shape:
          dense.layout === 'nchw'
            ? [undefined, channels, undefined, undefined]
            : [undefined, undefined, undefined, channels],
      },
    ],
    [{ field: 'dense.output', name: dense.output, types: ['float32'], shape: outputShapes[dense.outputLayout] }],
  );
}

/** [dim, cells] to [cells, dim]. */
function channelsLast(values: Float32Array, dim: number): Float32Array {
  const cells = values.length / dim;
  const result = new Float32Array(values.length);
  for (let channel = 0; channel < dim; channel++)
    for (let cell = 0; cell < cells; cell++) result[cell * dim + channel] = values[channel * cells + cell];
  return result;
}
