/**
 * Embeddings of region tiles. With the option `masked` a region is looked at twice: in its box as the photo shows it
 * (spec §5.2 step 2), which may name whatever else is there, and alone, which an encoder has rarely seen; the mean of both
 * names what they agree on.
 */
import type { ImageTextEncoder } from '../encoders/encoder.ts';
import { hideSurroundings, type RgbPhoto, type Square } from './cut-tiles.ts';
import { encodeSquares } from './encode-squares.ts';

/** How many tiles are encoded for a region. */
export const viewsOfRegion = ({ shown }: Square): number => (shown ? 2 : 1);

/** @returns embeddings [squares, dim], unit vectors, and how many distinct tiles were encoded */
export async function encodeRegions(
  encoder: Pick<ImageTextEncoder, 'dim' | 'encodeImages'>,
  photo: RgbPhoto,
  squares: readonly Square[],
  onDone: (count: number) => void,
): Promise<{ embeddings: Float32Array; encoded: number }> {
  const { dim } = encoder;
  const boxes = squares.map(({ shown: _, ...box }) => box);
  const { embeddings, encoded } = await encodeSquares(encoder, photo, boxes, onDone);
  let total = encoded;
  for (const [k, square] of squares.entries()) {
    if (!square.shown) continue;
    const alone = await encodeSquares(encoder, hideSurroundings(photo, square), [square], onDone);
    addUnit(embeddings.subarray(k * dim, (k + 1) * dim), alone.embeddings);
    total += alone.encoded;
  }
  return { embeddings, encoded: total };
}

/** vector = normalise(vector + other) */
function addUnit(vector: Float32Array, other: Float32Array): void {
  let squares = 0;
  for (let d = 0; d < vector.length; d++) {
    vector[d] += other[d];
    squares += vector[d] * vector[d];
  }
  const scale = 1 / Math.max(Math.sqrt(squares), 1e-12);
  for (let d = 0; d < vector.length; d++) vector[d] *= scale;
}
