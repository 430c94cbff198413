/**
 * Fills the embedding store for a list of photos and priors (spec §1.2-§1.4, §5.2). Two passes: the first reads photo
 * files and region maps, plans overrides and finds out what is missing, so that the second can encode exactly that
 * with an honest ETA. Work is kept level by level; a run that was killed goes on where it stopped. The base pyramid
 * is shared by all priors, and only regions that some prior uses are encoded.
 */
import type { CapturePhoto, PhotoPixels } from '../capture/capture.ts';
import type { ImageTextEncoder } from '../encoders/encoder.ts';
import { LangfieldError } from '../errors.ts';
import { floatsToHalves } from '../formats/half.ts';
import { type FileSystem, type Progress, sha256 } from '../platform/platform.ts';
import type { RegionMapSource } from '../regions/region-maps.ts';
import type { RgbPhoto } from './cut-tiles.ts';
import { EmbeddingStore } from './embedding-store.ts';
import { encodeRegions, viewsOfRegion } from './encode-regions.ts';
import { buildLevel, type LevelJob, planLevels } from './level-jobs.ts';
import { type PhotoRegions, planRegions, type RegionMapsOfPhoto } from './plan-regions.ts';
import { type Prior, readPrior } from './prior.ts';
import type { PyramidSettings } from './pyramid-options.ts';
import { type PyramidGeometry, pyramidGeometry } from './tile-geometry.ts';

export interface PyramidSources {
  photos: readonly CapturePhoto[];
  loadPhoto(photo: CapturePhoto): Promise<PhotoPixels>;
  /** Asked only when one of the priors uses regions. Without nested maps, the option `nested` has the one map alone. */
  regionMaps: Pick<RegionMapSource, 'getRegionMap' | 'getNestedMaps'>;
  encoder: ImageTextEncoder;
  files: FileSystem;
  /** Where embeddings are kept between runs. */
  cacheFolder: string;
  progress: Progress;
  /** Milliseconds, for `Pyramid.encoding`. */
  now(): number;
}

/** What one photo contributes; everything else of it stays on disk. */
export interface PyramidPhoto {
  name: string;
  /** Hash of the image file and of how it is turned. */
  hash: string;
  geometry: PyramidGeometry;
  regions?: PhotoRegions;
  dense?: { rows: number; cols: number };
}

export interface Pyramid {
  store: EmbeddingStore;
  settings: PyramidSettings;
  priors: readonly Prior[];
  photos: PyramidPhoto[];
  /** [phrases, dim] embeddings of the canonical phrases; for the option `confident`. */
  canonical?: Float32Array;
  /** Tiles and region tiles encoded by this call, counting identical ones once. */
  encoded: { tiles: number; regions: number };
  /** What that took: photos with something to encode, and seconds, dense features included. */
  encoding: { photos: number; seconds: number };
}

interface Job {
  source: CapturePhoto;
  photo: PyramidPhoto;
  levels: LevelJob[];
  /** How many tiles of regions are missing. Which, is planned again when their turn comes: masks are large. */
  regions: number;
  dense: boolean;
}

/** Builds what is missing and returns where everything is. Faults of photos, maps or disk are LangfieldErrors. */
export async function buildPyramid(
  sources: PyramidSources,
  priors: readonly Prior[],
  settings: PyramidSettings,
): Promise<Pyramid> {
  const { photos, encoder, files, cacheFolder, progress } = sources;
  const store = await EmbeddingStore.open(files, cacheFolder, encoder, settings.tiles);
  const jobs: Job[] = [];
  progress.start(needsRegions(priors) ? 'photos and regions' : 'photos', photos.length);
  const plannedPixels = needsRegions(priors) ? decodeAhead(photos, sources) : undefined;
  for (const [index, source] of photos.entries()) {
    jobs.push(await planPhoto(source, await plannedPixels?.(index), sources, store, priors, settings));
    progress.update(index + 1);
  }
  progress.finish();
  const encoded = { tiles: 0, regions: 0 };
  const encoding = await runJobs(jobs, sources, store, priors, settings, encoded);
  const built: Pyramid = { store, settings, priors, photos: jobs.map((job) => job.photo), encoded, encoding };
  if (priors.some((prior) => readPrior(prior).confident))
    built.canonical = await encoder.encodeTexts(encoder.canonicalPhrases);
  return built;
}

async function runJobs(
  jobs: readonly Job[],
  sources: PyramidSources,
  store: EmbeddingStore,
  priors: readonly Prior[],
  settings: PyramidSettings,
  encoded: Pyramid['encoded'],
): Promise<Pyramid['encoding']> {
  const { progress, now } = sources;
  // Levels that other choices of tiles have all tiles for need no pixels.
  for (const job of jobs.filter((each) => jobSize(each) === 0))
    await runJob(job, undefined, sources, store, priors, settings, encoded, () => {});
  const pending = jobs.filter((job) => jobSize(job) > 0);
  if (pending.length === 0) return { photos: 0, seconds: 0 };
  const start = now();
  progress.start(
    'encoding tiles',
    pending.reduce((sum, job) => sum + jobSize(job), 0),
  );
  let done = 0;
  const advance = (count: number) => progress.update((done += count));
  const pixelsOf = decodeAhead(
    pending.map((job) => job.source),
    sources,
  );
  for (const [index, job] of pending.entries())
    await runJob(job, await pixelsOf(index), sources, store, priors, settings, encoded, advance);
  progress.finish(`${encoded.tiles} tiles and ${encoded.regions} regions encoded`);
  return { photos: pending.length, seconds: (now() - start) / 1000 };
}

export function needsRegions(priors: readonly Prior[]): boolean {
  return priors.some((prior) => prior !== 'none');
}

function jobSize(job: Job): number {
  const tiles = job.levels.reduce((sum, { cells }) => sum + cells.length, 0);
  // A dense pass over a whole photo costs about as much as some tens of tiles.
  return tiles + job.regions + (job.dense ? denseCost : 0);
}

const denseCost = 20;

async function planPhoto(
  source: CapturePhoto,
  pixels: RgbPhoto | undefined,
  sources: PyramidSources,
  store: EmbeddingStore,
  priors: readonly Prior[],
  settings: PyramidSettings,
): Promise<Job> {
  const { files, encoder } = sources;
  const bytes = await sha256(await files.readBytes(source.path));
  // The same file turned upright by its EXIF tag has other pixels.
  const hash = source.exif === 'apply' ? await sha256(`${bytes} upright`) : bytes;
  const geometry = pyramidGeometry(source.camera.width, source.camera.height);
  const photo: PyramidPhoto = { name: source.name, hash, geometry };
  const levels = await planLevels(photo, store, settings.tiles);
  let regions = 0;
  if (pixels) {
    const planned = await planRegions(photo, mapsOf(source, pixels, sources), store, priors, settings);
    photo.regions = planned.regions;
    regions = planned.missing.reduce((sum, { square }) => sum + viewsOfRegion(square), 0);
  }
  if (encoder.dense) photo.dense = await store.denseGrid(hash);
  return { source, photo, levels, regions, dense: encoder.dense !== undefined && photo.dense === undefined };
}

function mapsOf(source: CapturePhoto, pixels: RgbPhoto, { regionMaps }: PyramidSources): RegionMapsOfPhoto {
  const main = () => regionMaps.getRegionMap(source.name, pixels);
  return { main, nested: async () => regionMaps.getNestedMaps?.(source.name, pixels) ?? [await main()] };
}

async function runJob(
  job: Job,
  pixels: RgbPhoto | undefined,
  sources: PyramidSources,
  store: EmbeddingStore,
  priors: readonly Prior[],
  settings: PyramidSettings,
  encoded: Pyramid['encoded'],
  advance: (count: number) => void,
): Promise<void> {
  const { photo, source } = job;
  const { encoder } = sources;
  for (const level of job.levels)
    encoded.tiles += await buildLevel(level, photo, settings.tiles, pixels, encoder, store, advance);
  if (pixels === undefined) return;
  if (job.regions > 0) {
    const { regions, missing } = await planRegions(photo, mapsOf(source, pixels, sources), store, priors, settings);
    const tiles = await encodeRegions(
      encoder,
      pixels,
      missing.map(({ square }) => square),
      advance,
    );
    encoded.regions += tiles.encoded;
    const before = await store.readRegions(photo.hash);
    const squares = [...before.squares, ...missing.map(({ key }) => key)];
    const halves = new Uint16Array(squares.length * encoder.dim);
    halves.set(before.halves);
    floatsToHalves(tiles.embeddings, halves.subarray(before.halves.length));
    await store.writeRegions(photo.hash, { squares, halves });
    photo.regions = { ...regions, rows: new Map(squares.map((key, row) => [key.join(' '), row])) };
  }
  if (job.dense && encoder.dense) {
    const { rows, cols, features } = await encoder.dense.encodePhoto(pixels);
    await store.writeDense(photo.hash, rows, cols, features);
    photo.dense = { rows, cols };
    advance(denseCost);
  }
}

/** Pixels of photo after photo; while one is worked on, the next is decoded by the platform's threads. */
function decodeAhead(photos: readonly CapturePhoto[], sources: PyramidSources): (index: number) => Promise<RgbPhoto> {
  let upcoming: { index: number; pixels: Promise<RgbPhoto> } | undefined;
  return (index) => {
    const pixels = upcoming?.index === index ? upcoming.pixels : loadBytes(photos[index], sources);
    upcoming = undefined;
    if (index + 1 < photos.length) {
      upcoming = { index: index + 1, pixels: loadBytes(photos[index + 1], sources) };
      // Its failure is raised when its turn comes; until then it must not count as unhandled.
      upcoming.pixels.catch(() => {});
    }
    return pixels;
  };
}

/** The photo as bytes; its size must be the one its camera was calibrated for. */
async function loadBytes(photo: CapturePhoto, sources: PyramidSources): Promise<RgbPhoto> {
  const { width, height, rgb } = await sources.loadPhoto(photo);
  const { camera } = photo;
  if (width !== camera.width || height !== camera.height)
    throw new LangfieldError({
      file: photo.path,
      problem: 'the photo has not the size its camera says',
      found: `${width}×${height}`,
      expected: `${camera.width}×${camera.height}`,
      advice: 'Correct the camera file or restore the photo',
    });
  if (rgb instanceof Uint8Array) return { width, height, rgb };
  return { width, height, rgb: Uint8Array.from(rgb, (value) => Math.round(value / 257)) };
}
