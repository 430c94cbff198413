/** What cuts photos into regions. Implementations: builtin-segmenter.ts, file-segmenter.ts, and src/segmenters for models. */
import type { RegionMap } from './region-map.ts';

/** An 8-bit photo, [height, width, 3]. */
export interface SegmenterPhoto {
  width: number;
  height: number;
  rgb: Uint8Array;
}

export interface Segmenter {
  readonly name: string;
  /** SHA-256 of everything besides the photo that determines the output. */
  readonly identity: string;
  /** Whether a result is worth keeping on disk; maps that are read from files are not. */
  readonly cacheable: boolean;
  /** @param photoName as in the capture, for finding files and for error messages */
  segment(photoName: string, photo: SegmenterPhoto): Promise<RegionMap>;
  /** Several maps of the photo, from parts to wholes, among them that of `segment`. Absent when there is only that one. */
  segmentNested?(photoName: string, photo: SegmenterPhoto): Promise<RegionMap[]>;
  /** Gives back what it holds in memory; it may be used again afterwards. */
  close?(): Promise<void>;
}
