/**
 * Region maps that somebody has made already: one PNG or NPY per photo in a folder, found by the photo's path or base
 * name without its extension. COCO panoptic JSON files in the folder or beside it (`<folder>.json`) say which segments
 * of RGB maps are real.
 */
import { LangfieldError } from '../errors.ts';
import { baseName, type FileSystem, folderOf, joinPath, sha256 } from '../platform/platform.ts';
import { parsePanopticJson } from './coco-panoptic.ts';
import { readNpyMap, type RegionLevel } from './read-npy-map.ts';
import { type ListedSegments, readPngMap } from './read-png-map.ts';
import { fitRegionMapToPhoto } from './region-boxes.ts';
import type { RegionMap } from './region-map.ts';
import type { Segmenter } from './segmenter.ts';

type Files = Pick<FileSystem, 'readBytes' | 'readText' | 'stat' | 'list'>;

/** Endings of a map's file name after the photo's name, in the order in which they are looked for. */
const endings = ['.png', '.npy', '_s.npy'];

/**
 * Opens a folder of region maps. Fails with a LangfieldError when the folder is absent or has no maps; a missing map
 * of a single photo fails when that photo is segmented.
 */
export async function openFileSegmenter(
  folder: string,
  files: Files,
  options: { level?: RegionLevel } = {},
): Promise<Segmenter> {
  if (!(await files.stat(folder))?.isDirectory)
    throw new LangfieldError({
      problem: 'there is no such folder of region maps',
      file: folder,
      advice: 'Give the folder with one PNG or NPY file per photo',
    });
  const names = await listDeep(folder, files);
  const maps = names.filter((name) => endings.some((ending) => name.toLowerCase().endsWith(ending)));
  if (maps.length === 0)
    throw new LangfieldError({
      problem: 'the folder has no region maps',
      file: folder,
      found: names.length === 0 ? 'an empty folder' : `${names.length} files such as ${names[0]}`,
      expected: 'one PNG or NPY file per photo, named like the photo',
    });
  const listed = await readSegmentLists(folder, names, files);
  const level = options.level ?? 'large';
  return {
    name: `files:${folder}`,
    identity: await identityOf(folder, names, files, level),
    cacheable: false,
    async segment(photoName, photo) {
      const name = findMap(photoName, maps, folder);
      const path = joinPath(folder, name);
      const map = await readMap(path, await files.readBytes(path), level, listed.get(baseName(name)));
      return fitRegionMapToPhoto(map, photo, { map: path, photo: photoName });
    },
  };
}

/**
 * Several folders, from parts to wholes, as one segmenter of nested maps; the map of a photo is that of the last folder.
 */
export async function nestSegmenters(segmenters: readonly Segmenter[]): Promise<Segmenter> {
  const whole = segmenters[segmenters.length - 1];
  if (segmenters.length === 1) return whole;
  return {
    ...whole,
    name: `files:${segmenters.map(({ name }) => name.replace(/^files:/, '')).join(',')}`,
    identity: await sha256(segmenters.map(({ identity }) => identity).join('\n')),
    async segmentNested(photoName, photo) {
      const maps: RegionMap[] = [];
      for (const segmenter of segmenters) maps.push(await segmenter.segment(photoName, photo));
      return maps;
    },
  };
}

async function readMap(
  path: string,
  bytes: Uint8Array,
  level: RegionLevel,
  listed: ListedSegments | undefined,
): Promise<RegionMap> {
  return path.toLowerCase().endsWith('.npy') ? readNpyMap(bytes, path, level) : readPngMap(bytes, path, listed);
}

/** The map named like the photo's whole path, else like its base name. */
function findMap(photoName: string, maps: readonly string[], folder: string): string {
  const whole = photoName.replace(/\.[^./]+$/, '');
  for (const stem of [whole, baseName(whole)])
    for (const ending of endings) {
      const found = maps.filter((name) => name === stem + ending || name === `${baseName(photoName)}${ending}`);
      if (found.length > 0) return found[0];
    }
  const ending = endings.map((part) => `${baseName(whole)}${part}`).join(', ');
  const deeper = maps.filter((name) => endings.some((part) => baseName(name) === baseName(whole) + part));
  if (deeper.length === 1) return deeper[0];
  throw new LangfieldError({
    problem: `there ${deeper.length > 1 ? 'are several region maps' : 'is no region map'} for the photo ${photoName}`,
    file: folder,
    found: deeper.length > 1 ? deeper.join(', ') : undefined,
    expected: deeper.length > 1 ? 'one of them' : `one of ${ending}`,
    advice: 'Name every map like its photo, or use --segmenter builtin',
  });
}

/** Paths of all files below a folder, relative to it, sorted. */
async function listDeep(folder: string, files: Files, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for (const name of await files.list(joinPath(folder, prefix))) {
    const relative = prefix === '' ? name : `${prefix}/${name}`;
    if ((await files.stat(joinPath(folder, relative)))?.isDirectory)
      found.push(...(await listDeep(folder, files, relative)));
    else found.push(relative);
  }
  return found.sort();
}

async function readSegmentLists(
  folder: string,
  names: readonly string[],
  files: Files,
): Promise<Map<string, ListedSegments>> {
  const inside = names.filter((name) => name.endsWith('.json')).map((name) => joinPath(folder, name));
  const beside = joinPath(folderOf(joinPath(folder)), `${baseName(joinPath(folder))}.json`);
  const paths = (await files.stat(beside)) ? [...inside, beside] : inside;
  const lists = new Map<string, ListedSegments>();
  for (const path of paths)
    for (const [name, ids] of parsePanopticJson(await files.readText(path), path) ?? []) lists.set(name, ids);
  return lists;
}

/** Hash over the names and contents of all files, so that another map is another identity wherever it lies. */
async function identityOf(folder: string, names: readonly string[], files: Files, level: RegionLevel): Promise<string> {
  const parts: string[] = [`level ${level}`];
  for (const name of names) parts.push(`${name} ${await sha256(await files.readBytes(joinPath(folder, name)))}`);
  return sha256(parts.join('\n'));
}
