/**
 * Where published files come from: a model hub or a mirror of one, a folder on disk, or nowhere (offline). One answer
 * for all of them: this file, or "not there".
 */
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath, sha256OfFile } from '../platform/platform.ts';
import type { CatalogueModel, ModelFile } from './catalogue.ts';
import { type Downloaded, type DownloadOptions, downloadFile } from './download.ts';

export const defaultHub = 'https://huggingface.co';

export type ModelSource =
  /** `<base>/<repository>/resolve/<revision>/<file>` */
  | { kind: 'hub'; base: string }
  /** A copy of such a tree, of single models, or the folder of one model. */
  | { kind: 'folder'; folder: string }
  /** The network is not to be used; `base` is what would have been asked. */
  | { kind: 'offline'; base: string };

export interface ObtainedFile extends Downloaded {
  from: string;
}

/** "--from" as typed: an address, or a folder (file: addresses too). */
export function sourceOf(from: string): ModelSource {
  const isAddress = /^[a-z][a-z0-9+.-]+:\/\//i.test(from);
  if (!isAddress) return { kind: 'folder', folder: from };
  const url = URL.canParse(from) ? new URL(from) : undefined;
  if (url?.protocol === 'file:') return { kind: 'folder', folder: decodeURIComponent(url.pathname) };
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return { kind: 'hub', base: from.replace(/\/+$/, '') };
  throw new LangfieldError({
    field: '--from',
    problem: 'this address cannot be used',
    found: from,
    expected: 'an address that begins with https:// or http://, or a folder',
    advice: `Name a hub such as ${defaultHub}, a mirror of it, or a folder with the files`,
  });
}

export const describeSource = (source: ModelSource): string =>
  source.kind === 'folder' ? source.folder : source.kind === 'hub' ? source.base : 'nowhere (offline)';

/** Address of a file on a hub. */
export function hubAddress(base: string, { repository, revision }: CatalogueModel, name: string): string {
  return `${base}/${repository}/resolve/${encodeURIComponent(revision)}/${encodeURIComponent(name)}`;
}

/** Paths at which a folder may hold a file of a model, the most exact first. */
function folderPlaces(folder: string, model: CatalogueModel, name: string): string[] {
  const { repository, revision, role } = model;
  return [
    joinPath(folder, repository, 'resolve', revision, name),
    joinPath(folder, repository, name),
    joinPath(folder, repository.split('/')[1], name),
    joinPath(folder, model.name, name),
    // The layout of one model, with its DINO in the sub-folder.
    role === 'dense' ? joinPath(folder, 'dino', name) : joinPath(folder, name),
  ];
}

/** Every place that is tried for a file, for messages. */
export function placesOf(source: ModelSource, model: CatalogueModel, file: ModelFile): string[] {
  const names = [file.name, ...(file.otherNames ?? [])];
  if (source.kind === 'folder') return names.flatMap((name) => folderPlaces(source.folder, model, name));
  return names.map((name) => hubAddress(source.base, model, name));
}

/** Brings a file to `target`; undefined when the source does not have it. */
export async function obtainFile(
  source: Exclude<ModelSource, { kind: 'offline' }>,
  model: CatalogueModel,
  file: ModelFile,
  target: string,
  options: DownloadOptions,
): Promise<ObtainedFile | undefined> {
  for (const from of placesOf(source, model, file)) {
    const found =
      source.kind === 'folder'
        ? await copyFile(from, file, target, options.files)
        : await downloadFile({ url: from, target, bytes: file.bytes, sha256: file.sha256 }, options);
    if (found) return { ...found, from };
  }
  return undefined;
}

/** Copies a file in pieces, with the checks of a download. */
async function copyFile(
  from: string,
  { bytes, sha256: known }: ModelFile,
  target: string,
  files: FileSystem,
): Promise<Downloaded | undefined> {
  const found = await files.stat(from);
  if (!found || found.isDirectory) return undefined;
  const part = `${target}.copy`;
  await files.remove(part);
  const piece = 2 ** 24;
  await files.append(part, new Uint8Array(0));
  for (let offset = 0; offset < found.size; offset += piece)
    await files.append(part, await files.readRange(from, offset, Math.min(piece, found.size - offset)));
  const sha256 = await sha256OfFile(part, files);
  const isRight = (bytes ?? found.size) === found.size && (known ?? sha256) === sha256;
  if (!isRight) {
    await files.remove(part);
    throw new LangfieldError({
      file: from,
      problem: 'this file is not the one that is known under this name',
      found: `${found.size} bytes, SHA-256 ${sha256}`,
      expected: `${bytes === undefined ? '' : `${bytes} bytes, `}SHA-256 ${known ?? 'of any kind'}`,
      advice: 'Copy it again, or name another source with --from',
    });
  }
  await files.rename(part, target);
  return { bytes: found.size, sha256, trust: known ? 'catalogue' : 'first download' };
}
