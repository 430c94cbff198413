/**
 * Finds the image file of each listed photo: with or without extension, at full size in `images/` or smaller in
 * `images_2/`, `images_4/` … (nerfstudio's downscale folders). By itself it takes the largest photos whose longer side
 * is at most `maximumSide`, as nerfstudio does; it also copes with captures that kept only a smaller folder.
 */
import { LangfieldError } from '../errors.ts';
import { baseName, type FileSystem, folderOf, joinPath } from '../platform/platform.ts';
import { count, type CaptureListing, type ListedPhoto, nameSome } from './listing.ts';

const extensions = ['.png', '.jpg', '.jpeg', '.webp', '.avif', '.PNG', '.JPG', '.JPEG', '.WEBP', '.AVIF'];

const hasExtension = (path: string) => extensions.includes(path.slice(path.lastIndexOf('.')));

export const isPhotoName = (name: string): boolean => !name.startsWith('.') && hasExtension(name);

/** Factors N of the folders `<name>_N` beside each other, smallest (largest pictures) first. */
export async function scaledFolders(files: FileSystem, root: string, name: string): Promise<number[]> {
  const factors: number[] = [];
  for (const entry of await files.list(root)) {
    const match = /^_([1-9]\d*)$/.exec(entry.startsWith(name) ? entry.slice(name.length) : '');
    if (match && Number(match[1]) > 1) factors.push(Number(match[1]));
  }
  return factors.sort((a, b) => a - b);
}

/** Answers "is there such a file" from one listing per folder. */
class FolderListings {
  private readonly names = new Map<string, Promise<Set<string>>>();
  private readonly files: FileSystem;

  constructor(files: FileSystem) {
    this.files = files;
  }

  async has(path: string): Promise<boolean> {
    const folder = folderOf(path);
    let names = this.names.get(folder);
    if (names === undefined) {
      names = this.files
        .stat(folder)
        .then(async (found) => new Set(found?.isDirectory ? await this.files.list(folder) : []));
      this.names.set(folder, names);
    }
    return (await names).has(baseName(path));
  }

  /** The path itself, or the same with an extension; with `anyExtension` also instead of its own. */
  async find(path: string, anyExtension: boolean): Promise<string | undefined> {
    if (await this.has(path)) return path;
    if (hasExtension(path) && !anyExtension) return undefined;
    const stem = hasExtension(path) ? path.slice(0, path.lastIndexOf('.')) : path;
    for (const extension of extensions) if (await this.has(stem + extension)) return stem + extension;
    return undefined;
  }
}

export interface FoundPhoto {
  listed: ListedPhoto;
  /** Of the file, relative to the capture folder. */
  name: string;
  path: string;
  /** 2 when the file comes from `images_2/`, 1 for the original. */
  factor: number;
}

export interface PhotoSearch {
  files: FileSystem;
  root: string;
  /** N of the folder `images_N` to use, 1 for the originals, or 'auto'. */
  downscaleFolder: number | 'auto';
  maximumSide: number;
  /** Longer side of an image file, pixels. */
  measure(path: string): Promise<number>;
}

const resolveFrom = (root: string, path: string) => (path.startsWith('/') ? path : joinPath(root, path));

/** Paths where the photo may lie at the given factor, likeliest first. */
function candidates(listed: ListedPhoto, factor: number): string[] {
  if (factor === 1) return [listed.path];
  const [first, ...rest] = listed.path.split('/');
  const own = listed.smaller?.get(factor);
  const folders = [`${first}_${factor}`, `images_${factor}`];
  const names = own === undefined ? [rest.join('/') || first, baseName(listed.path)] : [own];
  return folders.flatMap((folder) => names.map((name) => joinPath(folder, name)));
}

async function locate(
  search: PhotoSearch,
  listings: FolderListings,
  listed: ListedPhoto,
  factors: number[],
): Promise<FoundPhoto | undefined> {
  for (const factor of factors) {
    for (const candidate of candidates(listed, factor)) {
      const path = await listings.find(resolveFrom(search.root, candidate), factor > 1);
      if (path === undefined) continue;
      const prefix = search.root === '.' ? '' : `${joinPath(search.root)}/`;
      const name = path.startsWith(prefix) ? path.slice(prefix.length) : path;
      return { listed, name, path, factor };
    }
  }
  return undefined;
}

/** The factor to use for the whole capture, judged by the first photo that exists at all. */
async function chooseFactor(
  search: PhotoSearch,
  listings: FolderListings,
  photos: ListedPhoto[],
  factors: number[],
): Promise<number> {
  for (const listed of photos) {
    const found = await locate(search, listings, listed, factors);
    if (found === undefined) continue;
    const fullSide = (await search.measure(found.path)) * found.factor;
    const usable: number[] = [];
    for (const factor of factors) if (await locate(search, listings, listed, [factor])) usable.push(factor);
    return usable.find((factor) => fullSide / factor <= search.maximumSide) ?? usable[usable.length - 1];
  }
  return 1;
}

function refuseMissing(listing: CaptureListing, search: PhotoSearch): never {
  throw new LangfieldError({
    problem: `none of the ${count(listing.photos.length, 'listed photo')} has an image file`,
    file: listing.file,
    found: `nothing at ${resolveFrom(search.root, listing.photos[0].path)}`,
    expected: 'JPEG, PNG, WebP or AVIF files where the capture lists them',
    advice: 'Put the photos there, or correct the paths',
  });
}

/** The photos that have a file, each at the chosen size or else the next one; the others make one warning. */
export async function findPhotos(listing: CaptureListing, search: PhotoSearch): Promise<FoundPhoto[]> {
  const listings = new FolderListings(search.files);
  const firstFolder = listing.photos[0]?.path.split('/')[0] ?? 'images';
  const scaled = new Set(await scaledFolders(search.files, search.root, 'images'));
  for (const factor of await scaledFolders(search.files, search.root, firstFolder)) scaled.add(factor);
  const factors = [1, ...[...scaled].sort((a, b) => a - b)];
  const wanted = search.downscaleFolder;
  if (wanted !== 'auto' && !factors.includes(wanted)) {
    throw new LangfieldError({
      problem: `there is no folder images_${wanted}`,
      file: search.root,
      expected: `one of the factors ${factors.join(', ')}`,
      advice: 'Choose one of them, or let langfield choose',
    });
  }
  const chosen = wanted === 'auto' ? await chooseFactor(search, listings, listing.photos, factors) : wanted;
  const order = [chosen, ...factors.filter((factor) => factor !== chosen)];
  const found: FoundPhoto[] = [];
  const missing: string[] = [];
  for (const listed of listing.photos) {
    const photo = await locate(search, listings, listed, order);
    if (photo) found.push(photo);
    else missing.push(listed.path);
  }
  if (found.length === 0 && missing.length > 0) refuseMissing(listing, search);
  if (missing.length > 0) {
    const verb = missing.length === 1 ? 'has no image file and is' : 'have no image file and are';
    listing.warnings.push(
      `${missing.length} of ${count(listing.photos.length, 'listed photo')} ${verb} skipped: ${missing.join(', ')}`,
    );
  }
  return dropDuplicates(found, listing.warnings);
}

function dropDuplicates(photos: FoundPhoto[], warnings: string[]): FoundPhoto[] {
  const seen = new Map<string, FoundPhoto>();
  const repeated: string[] = [];
  for (const photo of photos) {
    if (seen.has(photo.name)) repeated.push(`${photo.name} (${photo.listed.field})`);
    else seen.set(photo.name, photo);
  }
  if (repeated.length > 0)
    warnings.push(
      `${count(repeated.length, 'repeated entry', 'repeated entries')} skipped, the first counts: ${nameSome(repeated)}`,
    );
  return [...seen.values()];
}
