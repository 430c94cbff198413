/**
 * Encodes squares of a photo in batches of one side, each distinct content once: photos on black and maps of flat
 * colour give many identical tiles. Results come in the order of the squares.
 */
import type { ImageTextEncoder } from '../encoders/encoder.ts';
import { cutSquare, type RgbPhoto, type Square } from './cut-tiles.ts';

/** Bytes of the tiles handed to the encoder at once; keeps big region tiles from piling up. */
const batchBytes = 8 * 2 ** 20;
const batchTiles = 16;

export interface EncodedSquares {
  /** [squares, dim] unit vectors. */
  embeddings: Float32Array;
  /** How many distinct tiles were really encoded. */
  encoded: number;
}

/** `onDone` is told, batch by batch, how many further squares are finished. */
export async function encodeSquares(
  encoder: Pick<ImageTextEncoder, 'dim' | 'encodeImages'>,
  photo: RgbPhoto,
  squares: readonly Square[],
  onDone: (count: number) => void,
): Promise<EncodedSquares> {
  const { dim } = encoder;
  const embeddings = new Float32Array(squares.length * dim);
  const known = new Map<string, number>();
  let encoded = 0;
  let start = 0;
  while (start < squares.length) {
    const { side } = squares[start];
    const tileBytes = 3 * side * side;
    const capacity = Math.max(1, Math.min(batchTiles, Math.floor(batchBytes / tileBytes)));
    const data = new Uint8Array(capacity * tileBytes);
    const fresh: number[] = [];
    const copies: [to: number, from: number][] = [];
    let next = start;
    for (; next < squares.length && squares[next].side === side && fresh.length < capacity; next++) {
      const offset = fresh.length * tileBytes;
      cutSquare(photo, squares[next], data, offset);
      const content = contentKey(data.subarray(offset, offset + tileBytes), side);
      const twin = known.get(content);
      if (twin !== undefined) copies.push([next, twin]);
      else {
        known.set(content, next);
        fresh.push(next);
      }
    }
    if (fresh.length > 0) {
      const tiles = { count: fresh.length, side, data: data.subarray(0, fresh.length * tileBytes) };
      const result = await encoder.encodeImages(tiles);
      fresh.forEach((square, i) => {
        embeddings.set(result.subarray(i * dim, (i + 1) * dim), square * dim);
      });
      encoded += fresh.length;
    }
    for (const [to, from] of copies) embeddings.copyWithin(to * dim, from * dim, (from + 1) * dim);
    onDone(next - start);
    start = next;
  }
  return { embeddings, encoded };
}

/** Two independent 32-bit hashes of the bytes; with the side, a key that different tiles do not share by chance. */
function contentKey(bytes: Uint8Array, side: number): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < bytes.length; i++) {
    a = Math.imul(a ^ bytes[i], 0x01000193);
    b = Math.imul(b + bytes[i], 0x85ebca6b) ^ (b >>> 15);
  }
  return `${side}:${a >>> 0}:${b >>> 0}`;
}
