/**
 * The EXIF orientation of a photo, found by looking: a browser turns a photo upright, but neither says how nor shows it as it
 * is stored. Without its EXIF data it does, and the two pictures tell the tag. Where several orientations look the same, any
 * of them gives the same picture.
 */
import type { Image } from '../platform.ts';

/** For orientations 1 … 8: column and row of the stored picture [height, width] that are shown at (x, y). */
const sources: readonly ((x: number, y: number, width: number, height: number) => [x: number, y: number])[] = [
  (x, y) => [x, y],
  (x, y, width) => [width - 1 - x, y],
  (x, y, width, height) => [width - 1 - x, height - 1 - y],
  (x, y, _, height) => [x, height - 1 - y],
  (x, y) => [y, x],
  (x, y, _, height) => [y, height - 1 - x],
  (x, y, width, height) => [width - 1 - y, height - 1 - x],
  (x, y, width) => [width - 1 - y, x],
];

/**
 * The orientation that turns one picture into the other, 1 … 8; of several as good the least.
 * @param stored as it is stored, small
 * @param upright as it is shown, at the same size but for its sides, which may be swapped
 */
export function orientationBetween(stored: Image, upright: Image): number {
  let [best, least] = [1, Number.POSITIVE_INFINITY];
  for (const [index, source] of sources.entries()) {
    const [width, height] = index < 4 ? [stored.width, stored.height] : [stored.height, stored.width];
    if (upright.width !== width || upright.height !== height) continue;
    const difference = differenceOf(stored, upright, source);
    if (difference < least) [best, least] = [index + 1, difference];
  }
  return best;
}

function differenceOf(stored: Image, upright: Image, source: (typeof sources)[number]): number {
  let total = 0;
  for (let y = 0; y < upright.height; y++) {
    for (let x = 0; x < upright.width; x++) {
      const [column, row] = source(x, y, stored.width, stored.height);
      for (let c = 0; c < upright.channels; c++) {
        const here = upright.data[(y * upright.width + x) * upright.channels + c];
        total += Math.abs(here - stored.data[(row * stored.width + column) * stored.channels + c]);
      }
    }
  }
  return total;
}

const matches = (bytes: Uint8Array, at: number, text: string): boolean =>
  Array.from(text).every((character, i) => bytes[at + i] === character.charCodeAt(0));

/** Where the EXIF block of a file is named, and the bytes with which a decoder passes over it; undefined: it has none. */
function exifName(bytes: Uint8Array): { at: number; replacement: readonly number[] } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const inside = (at: number, length: number) => at + length <= bytes.length;
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    // Segments: FF, marker, length with itself; the picture begins after DA.
    for (let at = 2; inside(at, 10) && bytes[at] === 0xff && bytes[at + 1] !== 0xda; at += 2 + view.getUint16(at + 2))
      if (bytes[at + 1] === 0xe1 && matches(bytes, at + 4, 'Exif')) return { at: at + 1, replacement: [0xef] };
  } else if (matches(bytes, 1, 'PNG')) {
    // Chunks: length, name, data, checksum. A checksum that is wrong makes a decoder drop the chunk, which is as well.
    for (let at = 8; inside(at, 8); at += 12 + view.getUint32(at))
      if (matches(bytes, at + 4, 'eXIf')) return { at: at + 4, replacement: [0x70, 0x72, 0x56, 0x74] };
  } else if (matches(bytes, 0, 'RIFF') && matches(bytes, 8, 'WEBP')) {
    // Chunks: name, length, data up to an even length.
    for (let at = 12; inside(at, 8); at += 8 + 2 * Math.ceil(view.getUint32(at + 4, true) / 2))
      if (matches(bytes, at, 'EXIF')) return { at, replacement: [0x58, 0x58, 0x58, 0x58] };
  }
  return undefined;
}

/** The file, its EXIF data under a name that decoders pass over: JPEG, PNG and WebP; others as they are. */
export function withoutExif(bytes: Uint8Array): Uint8Array {
  const name = exifName(bytes);
  if (name === undefined) return bytes;
  const copy = bytes.slice();
  copy.set(name.replacement, name.at);
  return copy;
}
