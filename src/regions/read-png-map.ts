/**
 * Region maps in PNG files: grey of 1 to 16 bits holds the id itself, a palette image holds it as the palette index
 * (the way PASCAL VOC and DAVIS masks are stored), RGB is COCO panoptic: id = R + 256 G + 65536 B. Decoded with
 * fast-png, because image libraries turn palette indices into colours. Not for photographs.
 */
import { type DecodedPng, decode } from 'fast-png';
import { LangfieldError } from '../errors.ts';
import type { RegionMap } from './region-map.ts';

/** Which ids a COCO panoptic JSON lists for one image; others are unlabelled. */
export type ListedSegments = ReadonlySet<number>;

/** @param listed keeps only these ids; every id other than 0 unless given */
export function readPngMap(bytes: Uint8Array, what: string, listed?: ListedSegments): RegionMap {
  const png = decodeOrExplain(bytes, what);
  const { width, height } = png;
  const ids = png.channels >= 3 ? colourIds(png, what) : greyIds(png, bytes, what);
  if (listed) for (let i = 0; i < ids.length; i++) if (!listed.has(ids[i])) ids[i] = 0;
  return { width, height, ids };
}

function decodeOrExplain(bytes: Uint8Array, what: string): DecodedPng {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (error) {
    throw new LangfieldError(
      {
        problem: 'the region map is not a readable PNG file',
        file: what,
        found: (error as Error).message,
        advice: 'Write it again; the file may be cut short',
      },
      { cause: error },
    );
  }
}

function colourIds(png: DecodedPng, what: string): Int32Array {
  if (png.depth !== 8)
    throw new LangfieldError({
      problem: 'a colour PNG of this depth is no region map',
      file: what,
      found: `${png.depth} bits per channel`,
      expected: '8 (COCO panoptic: id = R + 256 G + 65536 B)',
    });
  const { data, channels } = png;
  return Int32Array.from(
    { length: png.width * png.height },
    (_, i) => data[channels * i] + 256 * data[channels * i + 1] + 65536 * data[channels * i + 2],
  );
}

/** Values of a one-channel image, or the first channel of grey with alpha. */
function greyIds(png: DecodedPng, bytes: Uint8Array, what: string): Int32Array {
  const { width, height, depth, data, channels } = png;
  if (depth >= 8) return Int32Array.from({ length: width * height }, (_, i) => data[channels * i]);
  // The interlace method is byte 28 of the file; small samples of interlaced files do not lie row by row.
  if (bytes[28] !== 0)
    throw new LangfieldError({
      problem: 'interlaced PNG files of fewer than 8 bits are not supported as region maps',
      file: what,
      advice: 'Save it without interlacing',
    });
  const rowBytes = Math.ceil((depth * width) / 8);
  const mask = (1 << depth) - 1;
  const ids = new Int32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      ids[y * width + x] = (data[y * rowBytes + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask;
    }
  return ids;
}
