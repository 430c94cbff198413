/**
 * The Segmenter of a segmenter folder. Opening checks the folder; the graphs are loaded when the first photo comes, because
 * with all maps in the cache none does, and are held against segmenter.json then. `close` gives their memory back; a photo
 * that comes afterwards loads them again.
 */
import type { InferenceRuntime, TensorOutput } from '../encoders/inference-runtime.ts';
import { createPictureInput, type PictureInput, type PictureSize } from '../encoders/picture-input.ts';
import { LangfieldError } from '../errors.ts';
import type { FileSystem, Image } from '../platform/platform.ts';
import type { Segmenter } from '../regions/segmenter.ts';
import { fillGaps } from './fill-gaps.ts';
import { MaskCollector, pointGrid } from './point-masks.ts';
import { queryMap } from './query-masks.ts';
import {
  type PointDecoding,
  type QueryDecoding,
  readSegmenterFolder,
  type SegmenterFolder,
} from './segmenter-folder.ts';
import { loadPointGraphs, loadQueryGraph, type PointGraphs, type QueryGraph } from './segmenter-graphs.ts';

/** Faults of the folder are LangfieldErrors naming file, field, found and expected. */
export async function openSegmenter(
  path: string,
  files: FileSystem,
  runtime: InferenceRuntime,
  options: { threads?: number } = {},
): Promise<Segmenter> {
  const folder = await readSegmenterFolder(path, files);
  const { image, minArea, name } = folder.description;
  const prepare = createPictureInput(image);
  let opened: Promise<LoadedGraphs> | undefined;
  return {
    name,
    identity: folder.identity,
    cacheable: true,
    async segment(_photoName, { width, height, rgb }) {
      const photo: Image = { width, height, channels: 3, data: rgb };
      opened ??= loadGraphs(folder, files, runtime, options.threads);
      const { ids, cell } = await (await opened).mapOf(prepare(photo), photo);
      // Where two masks meet, a seam as wide as their own grid is no region.
      fillGaps(ids, photo, { minArea: minArea * ids.length, minWidth: 1.5 * cell });
      return { width, height, ids };
    },
    async close() {
      const graphs = opened;
      opened = undefined;
      await (await graphs?.catch(() => undefined))?.close();
    },
  };
}

interface MaskMap {
  /** [height, width] ids of masks, 0 where none is. */
  ids: Int32Array;
  /** Pixels of the photo per cell of the masks. */
  cell: number;
}

interface LoadedGraphs {
  mapOf(input: PictureInput, photo: PictureSize): Promise<MaskMap>;
  close(): Promise<void>;
}

async function loadGraphs(
  folder: SegmenterFolder,
  files: FileSystem,
  runtime: InferenceRuntime,
  threads: number | undefined,
): Promise<LoadedGraphs> {
  const { decoding } = folder.description;
  if (decoding.kind === 'queries') {
    const graph = await loadQueryGraph(folder, files, decoding, runtime, threads);
    return { mapOf: (input, photo) => mapOfQueries(graph, decoding, input, photo), close: () => graph.close() };
  }
  const graphs = await loadPointGraphs(folder, files, decoding, runtime, threads);
  return {
    mapOf: (input, photo) => mapOfPoints(graphs, decoding, input, photo),
    close: () => graphs.close(),
  };
}

async function mapOfQueries(
  graph: QueryGraph,
  decoding: QueryDecoding,
  input: PictureInput,
  photo: PictureSize,
): Promise<MaskMap> {
  const [logits, masks] = await graph.run(input);
  const [, count, columns] = logits.shape;
  if (logits.shape.length !== 3) throw shapeFault(graph.path, 'decoding.logits', logits, '[1, queries, classes]');
  if (masks.shape.length !== 4 || masks.shape[1] !== count)
    throw shapeFault(graph.path, 'decoding.masks', masks, `[1, ${count}, rows, cols], a mask for each query`);
  requireFinite(graph.path, [logits, masks]);
  const [, , height, width] = masks.shape;
  const planes = { width, height, data: masks.data };
  const ids = queryMap({ count, columns, logits: logits.data, masks: planes }, decoding, input, photo);
  return { ids, cell: cellSize(planes, input) };
}

async function mapOfPoints(
  graphs: PointGraphs,
  decoding: PointDecoding,
  input: PictureInput,
  photo: PictureSize,
): Promise<MaskMap> {
  const embeddings = await graphs.encode(input);
  const grid = pointGrid(decoding.pointsPerSide, input, photo);
  const collector = new MaskCollector(decoding, input, photo);
  let cell = 0;
  for (let first = 0; first < grid.length; first += 2 * decoding.pointsPerRun) {
    const points = grid.subarray(first, first + 2 * decoding.pointsPerRun);
    const [masks, scores] = await graphs.decode(embeddings, points);
    const count = points.length / 2;
    if (masks.shape.length !== 5 || masks.shape[1] !== count)
      throw shapeFault(graphs.path, 'decoding.decoder.masks', masks, `[1, ${count}, masks, rows, cols]`);
    if (scores.data.length !== count * masks.shape[2])
      throw shapeFault(graphs.path, 'decoding.decoder.scores', scores, `[1, ${count}, ${masks.shape[2]}]`);
    requireFinite(graphs.path, [masks, scores]);
    const [, , , height, width] = masks.shape;
    cell = cellSize({ width, height }, input);
    collector.add({ masks: { width, height, data: masks.data }, scores: scores.data });
  }
  return { ids: collector.map(), cell };
}

/** The longer side of a cell of the masks, pixels of the photo. */
function cellSize(plane: PictureSize, { width, height, placement }: PictureInput): number {
  return Math.max((placement.scaleX * width) / plane.width, (placement.scaleY * height) / plane.height);
}

function shapeFault(file: string, field: string, { shape }: TensorOutput, expected: string): LangfieldError {
  return new LangfieldError({
    file,
    field,
    problem: 'the graph returned a tensor of another shape',
    found: `[${shape.join(', ')}]`,
    expected,
    advice: 'Correct segmenter.json or export the graph again',
  });
}

function requireFinite(file: string, outputs: readonly TensorOutput[]): void {
  if (outputs.every(({ data }) => data.every(Number.isFinite))) return;
  throw new LangfieldError({
    file,
    problem: 'the graph returned masks or scores that are no numbers',
    found: 'NaN or infinity',
    expected: 'finite numbers',
    advice: 'Check mean, std and the export of the graph',
  });
}
