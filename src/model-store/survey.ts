/** What the store holds, and whether it is whole: the answers behind `models list` and `models verify`. */
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import { type CatalogueModel, findModel, isPinned } from './catalogue.ts';
import { type FileFault, faultsOfFolder, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { encoderFolder, filesFolder } from './store.ts';

export interface FolderState {
  folder: string;
  bytes: number;
  /** incomplete: a file is missing or has another length. */
  state: 'whole' | 'incomplete';
  /** ISO time of the last check of all hashes. */
  verified?: string;
}

export interface ListedModel {
  name: string;
  what: string;
  role: CatalogueModel['role'];
  licence?: string;
  repository?: string;
  revision?: string;
  commit?: string;
  /** Whether the catalogue knows the hashes; undefined for models of the user's own. */
  pinned?: boolean;
  approximateBytes?: number;
  dense?: string;
  /** Published files in the store. */
  published?: FolderState;
  /** The encoder folder made of them. */
  encoder?: FolderState;
}

/** The catalogue, and whatever else the store holds, without reading any large file. */
export async function listModels(
  store: string,
  models: readonly CatalogueModel[],
  files: FileSystem,
): Promise<ListedModel[]> {
  const listed: ListedModel[] = [];
  for (const model of models) {
    const { name, what, role, licence, repository, revision, approximateBytes } = model;
    const [published, encoder] = [filesFolder(store, name), encoderFolder(store, name)];
    listed.push({
      ...{ name, what, role, licence, repository, revision, approximateBytes, pinned: isPinned(model) },
      commit: (await readManifest(published, files))?.commit,
      dense: model.dense,
      published: await stateOf(published, files),
      encoder: await stateOf(encoder, files),
    });
  }
  for (const name of await foldersOf(joinPath(store, 'encoders'), files)) {
    if (findModel(name, models)) continue;
    const encoder = await stateOf(encoderFolder(store, name), files);
    if (encoder) listed.push({ name, what: 'added by you', role: 'encoder', encoder });
  }
  return listed;
}

async function stateOf(folder: string, files: FileSystem): Promise<FolderState | undefined> {
  const manifest = await readManifest(folder, files);
  if (!manifest) return undefined;
  let bytes = 0;
  let state: FolderState['state'] = 'whole';
  for (const [name, entry] of Object.entries(manifest.files)) {
    const found = await files.stat(joinPath(folder, name));
    bytes += found?.size ?? 0;
    if (found?.size !== entry.bytes) state = 'incomplete';
  }
  return { folder, bytes, state, verified: state === 'whole' ? manifest.verified : undefined };
}

async function foldersOf(folder: string, files: FileSystem): Promise<string[]> {
  return (await files.stat(folder))?.isDirectory ? files.list(folder) : [];
}

export interface Verdict {
  name: string;
  kind: 'published files' | 'encoder';
  folder: string;
  files: number;
  faults: FileFault[];
}

/** Hashes everything of one model, or of all; the manifests remember the time, or that it went wrong. */
export async function verifyStore(
  store: string,
  name: string | undefined,
  models: readonly CatalogueModel[],
  files: FileSystem,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [kind, part] of [
    ['published files', 'files'],
    ['encoder', 'encoders'],
  ] as const)
    for (const found of await foldersOf(joinPath(store, part), files)) {
      if (name !== undefined && found.toLowerCase() !== name.toLowerCase()) continue;
      const folder = joinPath(store, part, found);
      const manifest = await readManifest(folder, files);
      if (!manifest) continue;
      const faults = [
        ...(kind === 'published files' ? pinFaults(folder, manifest, models) : []),
        ...(await faultsOfFolder(folder, manifest, files)),
      ];
      const verified = faults.length === 0 ? new Date().toISOString() : undefined;
      await writeManifest(folder, { ...manifest, verified }, files);
      verdicts.push({ name: found, kind, folder, files: Object.keys(manifest.files).length, faults });
    }
  if (name !== undefined && verdicts.length === 0)
    throw new LangfieldError({
      file: store,
      field: name,
      problem: 'there is no such model in the store',
      advice: 'See what there is with "langfield models list"',
    });
  return verdicts;
}

/** Files that came before the catalogue knew their hash, and are others. */
function pinFaults(folder: string, manifest: Manifest, models: readonly CatalogueModel[]): FileFault[] {
  const pins = findModel(manifest.model, models)?.files ?? [];
  return pins.flatMap(({ name, sha256 }) => {
    const entry = manifest.files[name];
    if (!entry || sha256 === undefined || entry.sha256 === sha256) return [];
    return [{ path: joinPath(folder, name), problem: `not the published file: SHA-256 ${entry.sha256}` }];
  });
}
