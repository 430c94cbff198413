/**
 * Keeps the region maps that a training was given, so that its run can show them: one PNG for each photo, in a folder for
 * each language field, because fields that are added later may have other regions.
 */
import { type FileSystem, type ImageCodec, joinPath } from '../platform/platform.ts';
import { relabelRegions } from './region-boxes.ts';
import { regionFile } from './region-file.ts';
import type { RegionMap } from './region-map.ts';
import type { RegionMapSource } from './region-maps.ts';
import { regionImage } from './region-png.ts';

type Recorded = Pick<RegionMapSource, 'getRegionMap' | 'getNestedMaps'>;

export interface RecordedField {
  name: string;
  /** Its prior looks at nested maps. */
  nested: boolean;
}

export class RegionRecord {
  private readonly images: Pick<ImageCodec, 'encodePng'>;
  /** PNGs by the names of photos. */
  private readonly single = new Map<string, Uint8Array>();
  private readonly nested = new Map<string, Uint8Array>();

  constructor(images: Pick<ImageCodec, 'encodePng'>) {
    this.images = images;
  }

  /** A source that is recorded. */
  of(source: Recorded): Recorded {
    return {
      getRegionMap: async (name, photo) => {
        const map = await source.getRegionMap(name, photo);
        await this.keep(this.single, name, [map]);
        return map;
      },
      ...(source.getNestedMaps && {
        getNestedMaps: async (name, photo) => {
          const maps = await source.getNestedMaps!(name, photo);
          await this.keep(this.nested, name, maps);
          return maps;
        },
      }),
    };
  }

  private async keep(kept: Map<string, Uint8Array>, name: string, maps: readonly RegionMap[]): Promise<void> {
    // A photo may be planned more than once.
    if (kept.has(name)) return;
    const image = regionImage(maps.map(relabelRegions));
    // More regions than a PNG can number are no regions to look at.
    if (image) kept.set(name, await this.images.encodePng(image));
  }

  /** Writes what is not there yet, and forgets all. @param photos names in the order of the run's cameras.json */
  async save(
    folder: string,
    fields: readonly RecordedField[],
    photos: readonly string[],
    files: Pick<FileSystem, 'stat' | 'writeAtomic'>,
  ): Promise<void> {
    for (const { name, nested } of fields)
      for (const [index, photo] of photos.entries()) {
        // Without nested maps of its own, a photo has the one map for every prior.
        const png = (nested ? this.nested.get(photo) : undefined) ?? this.single.get(photo);
        const path = joinPath(folder, regionFile(name, index));
        if (png && (await files.stat(path)) === undefined) await files.writeAtomic(path, png);
      }
    this.single.clear();
    this.nested.clear();
  }
}
