/**
 * The tiles of one level of one photo that are still to be made: those that no other choice of tiles has encoded before.
 * Planning reads no pixels; building encodes exactly what was planned and writes the level.
 */
import type { ImageTextEncoder } from '../encoders/encoder.ts';
import { floatsToHalves, halvesToFloats } from '../formats/half.ts';
import { levelSquares, type RgbPhoto } from './cut-tiles.ts';
import type { EmbeddingStore } from './embedding-store.ts';
import { encodeSquares } from './encode-squares.ts';
import { deriveCells, encodedCells, fillCells, isDerived, type TileChoice } from './tile-choice.ts';
import type { LevelGeometry, PyramidGeometry } from './tile-geometry.ts';

export interface LevelJob {
  level: LevelGeometry;
  /** Cells to encode. */
  cells: number[];
  /** Cells whose tiles were encoded for another choice. */
  known: { choice: TileChoice; cells: number[] }[];
}

/** What is missing of a photo; levels that follow from others come last. */
export async function planLevels(
  photo: { hash: string; geometry: PyramidGeometry },
  store: EmbeddingStore,
  choice: TileChoice,
): Promise<LevelJob[]> {
  const jobs: LevelJob[] = [];
  for (const level of photo.geometry.levels)
    if (!(await store.hasLevel(photo.hash, level))) jobs.push(await planLevel(photo.hash, level, store, choice));
  const derived = (job: LevelJob) => Number(isDerived(job.level, choice));
  return jobs.sort((a, b) => derived(a) - derived(b));
}

async function planLevel(
  photo: string,
  level: LevelGeometry,
  store: EmbeddingStore,
  choice: TileChoice,
): Promise<LevelJob> {
  const missing = new Set(encodedCells(level, choice));
  const known: LevelJob['known'] = [];
  for (const other of await store.otherChoices(photo, level)) {
    const cells = encodedCells(level, other).filter((cell) => missing.delete(cell));
    if (cells.length > 0) known.push({ choice: other, cells });
  }
  return { level, cells: [...missing], known };
}

/** Writes the level. Returns how many tiles were really encoded; `pixels` may be absent when there are none. */
export async function buildLevel(
  { level, cells, known }: LevelJob,
  { hash, geometry }: { hash: string; geometry: PyramidGeometry },
  choice: TileChoice,
  pixels: RgbPhoto | undefined,
  encoder: ImageTextEncoder,
  store: EmbeddingStore,
  advance: (count: number) => void,
): Promise<number> {
  const { dim } = encoder;
  if (isDerived(level, choice)) {
    const larger = geometry.levels[level.level + 1];
    await store.writeLevel(hash, level, deriveCells(level, larger, await store.readLevel(hash, larger), dim));
    return 0;
  }
  const embeddings = new Float32Array(level.rows * level.cols * dim);
  const take = (from: Float32Array, cell: number, place: number) =>
    embeddings.set(from.subarray(place * dim, (place + 1) * dim), cell * dim);
  for (const source of known) {
    const before = await store.readLevel(hash, level, source.choice);
    for (const cell of source.cells) take(before, cell, cell);
  }
  let encoded = 0;
  if (cells.length > 0 && pixels !== undefined) {
    const squares = levelSquares(level);
    const tiles = await encodeSquares(
      encoder,
      pixels,
      cells.map((cell) => squares[cell]),
      advance,
    );
    cells.forEach((cell, i) => {
      take(tiles.embeddings, cell, i);
    });
    encoded = tiles.encoded;
  }
  // As they are stored: what lies between is then the same, whether the tiles were encoded now or before.
  const stored = halvesToFloats(floatsToHalves(embeddings));
  fillCells(level, choice, stored, dim);
  await store.writeLevel(hash, level, stored);
  return encoded;
}
