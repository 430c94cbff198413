/**
 * The ImageTextEncoder of an encoder folder (spec §1.3, §3.1): byte tiles and phrases in, unit vectors out. Opening
 * runs one tile and one text, so that a folder whose graphs disagree with its encoder.json fails at once and by name,
 * not after minutes of work.
 */
import type { FileSystem } from '../platform/platform.ts';
import { openDenseEncoder } from './dense-encoder.ts';
import type { DenseEncoder, ImageTextEncoder, TileBatch } from './encoder.ts';
import { type EncoderFolder, graphFile, readEncoderFolder } from './encoder-folder.ts';
import { type CheckedGraph, fixedBatch, loadCheckedGraph, normaliseRows, runForLength } from './graph.ts';
import type { InferenceRuntime } from './inference-runtime.ts';
import { Resampler } from './resample.ts';
import { openTextSide, type TextSide } from './text-side.ts';

export interface OpenEncoderOptions {
  /** Threads of one inference; default: the runtime's own choice. */
  threads?: number;
  /** Tiles of one inference, where the graph leaves it free. More is slower on CPUs: activations leave the cache. */
  tilesPerRun?: number;
}

const defaultTilesPerRun = 4;

/** Opens an encoder folder. Faults of the folder are LangfieldErrors naming file, field, found and expected. */
export async function openEncoder(
  path: string,
  files: FileSystem,
  runtime: InferenceRuntime,
  options: OpenEncoderOptions = {},
): Promise<ImageTextEncoder> {
  const folder = await readEncoderFolder(path, files);
  const opened: { close(): Promise<void> }[] = [];
  try {
    const image = await openImageGraph(folder, runtime, options);
    opened.push(image);
    const text = await openTextSide(folder, runtime, options.threads);
    opened.push(text);
    const dense = folder.denseModel && (await openDenseEncoder(folder, folder.denseModel, runtime, options.threads));
    if (dense) opened.push(dense);
    const encoder = new OnnxEncoder(folder, image, text, options.tilesPerRun ?? defaultTilesPerRun, dense);
    const side = encoder.inputSide;
    await encoder.encodeImages({ count: 1, side, data: new Uint8Array(3 * side * side).fill(128) });
    await encoder.encodeTexts([encoder.canonicalPhrases[0]]);
    return encoder;
  } catch (error) {
    for (const part of opened) await part.close();
    throw error;
  }
}

class OnnxEncoder implements ImageTextEncoder {
  readonly name: string;
  readonly dim: number;
  readonly inputSide: number;
  readonly identity: string;
  readonly canonicalPhrases: readonly string[];
  readonly vocabulary?: readonly string[];
  readonly unknownWords?: (phrase: string) => string[];
  readonly dense?: DenseEncoder;
  private readonly folder: EncoderFolder;
  private readonly image: CheckedGraph;
  private readonly text: TextSide;
  private readonly resampler: Resampler;
  private readonly tilesPerRun: number;
  private readonly pixels: Float32Array;
  private readonly closeDense?: () => Promise<void>;

  constructor(
    folder: EncoderFolder,
    image: CheckedGraph,
    text: TextSide,
    tilesPerRun: number,
    dense: (DenseEncoder & { close(): Promise<void> }) | undefined,
  ) {
    const { description } = folder;
    this.name = description.name;
    this.dim = description.dim;
    this.inputSide = description.image.size;
    this.identity = folder.identity;
    this.canonicalPhrases = description.canonicalPhrases;
    this.vocabulary = description.vocabulary;
    this.folder = folder;
    this.image = image;
    this.text = text;
    this.unknownWords = text.unknownWords;
    this.resampler = new Resampler(description.image);
    this.tilesPerRun = fixedBatch(image, description.image.input) ?? tilesPerRun;
    this.pixels = new Float32Array(this.tilesPerRun * 3 * this.inputSide ** 2);
    if (dense) {
      this.dense = dense;
      this.closeDense = () => dense.close();
    }
  }

  async encodeImages(tiles: TileBatch): Promise<Float32Array> {
    const { image } = this.folder.description;
    const { input, layout } = image;
    const side = this.inputSide;
    const tileLength = 3 * side * side;
    const fixed = fixedBatch(this.image, input);
    const embeddings = new Float32Array(tiles.count * this.dim);
    const source = { width: tiles.side, height: tiles.side };
    const target = { width: side, height: side };
    for (let start = 0; start < tiles.count; start += this.tilesPerRun) {
      const count = Math.min(this.tilesPerRun, tiles.count - start);
      for (let i = 0; i < count; i++) {
        const offset = (start + i) * 3 * tiles.side ** 2;
        this.resampler.resample(tiles.data, offset, source, target, this.pixels, i * tileLength);
      }
      // A graph of fixed batch gets whatever the buffer still holds in the unused places; their results are dropped.
      const batch = fixed ?? count;
      const shape = layout === 'nchw' ? [batch, 3, side, side] : [batch, side, side, 3];
      const data = this.pixels.subarray(0, batch * tileLength);
      const inputs = { [input]: { type: 'float32', data, shape } } as const;
      const output = { field: 'image.output', name: image.output };
      const result = await runForLength(this.image, inputs, output, batch * this.dim);
      embeddings.set(result.subarray(0, count * this.dim), start * this.dim);
    }
    return normaliseRows(embeddings, this.dim, this.image.path);
  }

  encodeTexts(texts: readonly string[]): Promise<Float32Array> {
    return this.text.encode(texts);
  }

  async close(): Promise<void> {
    await this.image.close();
    await this.text.close();
    await this.closeDense?.();
  }
}

function openImageGraph(folder: EncoderFolder, runtime: InferenceRuntime, options: OpenEncoderOptions) {
  const { image, dim } = folder.description;
  const side = { size: image.size, field: 'image.size' };
  const channels = { size: 3 };
  return loadCheckedGraph(
    graphFile(folder, image.file, folder.imageModel),
    runtime,
    options.threads,
    [
      {
        field: 'image.input',
        name: image.input,
        types: ['float32'],
        shape: image.layout === 'nchw' ? [undefined, channels, side, side] : [undefined, side, side, channels],
      },
    ],
    [
      {
        field: 'image.output',
        name: image.output,
        types: ['float32'],
        shape: [undefined, { size: dim, field: 'dim' }],
      },
    ],
  );
}
