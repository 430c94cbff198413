/**
 * From the name of a catalogue model to an encoder folder in the store: fetch, import, record. And the same for model
 * files that the user brings (`models add`).
 */
import { type EncoderSources, findEncoderSources } from '../encoders/vit/encoder-sources.ts';
import { type ImportedEncoder, type ImportOptions, importEncoder } from '../encoders/vit/import-encoder.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import type { CatalogueModel } from './catalogue.ts';
import { entriesOf, faultsOfFolder, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { encoderFolder, filesFolder } from './store.ts';

/** Names of what an import writes. */
const encoderFiles = [
  'image.onnx',
  'text.onnx',
  'dense.onnx',
  'tokenizer.json',
  'tokenizer_config.json',
  'encoder.json',
];

/** The published files in the store, as the importer takes them. */
async function storedSources(
  store: string,
  model: CatalogueModel,
  dense: CatalogueModel | undefined,
  files: FileSystem,
): Promise<EncoderSources> {
  const at = filesFolder(store, model.name);
  const has = async (folder: string, name: string) => (await files.stat(joinPath(folder, name))) !== undefined;
  const config = model.files.find(({ name }) => /^(open_clip_)?config\.json$/.test(name));
  const denseAt = dense && filesFolder(store, dense.name);
  return {
    name: model.name,
    weights: joinPath(at, model.files[0].name),
    ...(config && { config: joinPath(at, config.name) }),
    tokenizer: joinPath(at, 'tokenizer.json'),
    ...((await has(at, 'tokenizer_config.json')) && { tokenizerConfig: joinPath(at, 'tokenizer_config.json') }),
    ...(dense &&
      denseAt !== undefined && {
        dense: {
          weights: joinPath(denseAt, dense.files[0].name),
          ...((await has(denseAt, 'config.json')) && { config: joinPath(denseAt, 'config.json') }),
        },
      }),
  };
}

/** Builds the encoder of a model whose files (and whose DINO's) are in the store. */
export async function buildPulledEncoder(
  store: string,
  model: CatalogueModel,
  dense: CatalogueModel | undefined,
  files: FileSystem,
  options: ImportOptions,
): Promise<ImportedEncoder> {
  const sources = await storedSources(store, model, dense, files);
  const { licence, repository, revision } = model;
  const facts = { model: model.name, licence, repository, revision, ...(dense && { dense: dense.name }) };
  return importRecorded(sources, encoderFolder(store, model.name), facts, files, options);
}

/** Makes an encoder of the user's own model files and keeps it under a name. */
export async function addEncoder(
  store: string,
  name: string,
  sourceFolder: string,
  files: FileSystem,
  options: ImportOptions,
): Promise<ImportedEncoder> {
  const sources = await findEncoderSources(sourceFolder, files);
  return importRecorded({ ...sources, name }, encoderFolder(store, name), { model: name }, files, options);
}

async function importRecorded(
  sources: EncoderSources,
  folder: string,
  facts: Omit<Manifest, 'version' | 'files'>,
  files: FileSystem,
  options: ImportOptions,
): Promise<ImportedEncoder> {
  const before = await readManifest(folder, files);
  // An import trusts lengths; a graph with other bytes of the same length must be made again.
  if (before && (await faultsOfFolder(folder, before, files)).length > 0) await files.remove(folder);
  const imported = await importEncoder(sources, folder, files, options);
  const entries = await entriesOf(folder, encoderFiles, files);
  // An earlier import may have left a graph that this one does not name.
  if (!sources.dense) delete entries['dense.onnx'];
  const verified = new Date().toISOString();
  await writeManifest(folder, { version: 1, ...facts, verified, files: entries }, files);
  return imported;
}
