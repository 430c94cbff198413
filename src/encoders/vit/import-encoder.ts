/**
 * Makes an encoder folder (docs/encoders.md) from the published files of a CLIP or SigLIP and, if given, a DINO: builds the
 * graphs, copies the tokenizer, writes encoder.json last, so that a folder with an encoder.json is complete. The hash
 * of all inputs is kept in it; the same import into the same folder does nothing the second time.
 */
import { LangfieldError } from '../../errors.ts';
import { type FileSystem, joinPath, type Progress, sha256, silentProgress } from '../../platform/platform.ts';
import { readTokenizer } from './clip-tokenizer.ts';
import { denseTowerGraph } from './dino.ts';
import { readDenseTower } from './dino-layouts.ts';
import { type EncoderSources, findEncoderSources } from './encoder-sources.ts';
import { readTowers } from './towers.ts';
import { WeightFile } from './weights.ts';

/** Raised whenever the graphs built from the same files change. */
const importerVersion = 1;

/** Spec §1.8. */
const densePixels = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const defaultDenseSize = 500;

export interface ImportOptions {
  /** Normalisation of the pixels: LERF's constants for every model (default), or those of the model's configuration. */
  pixels?: 'lerf' | 'model';
  /** The shorter side of the photo that DINO sees, pixels; default 500 (spec §1.8). */
  denseSize?: number;
  /** 0-based block whose keys are the dense features; default the last. */
  keyBlock?: number;
  progress?: Progress;
}

export interface ImportedEncoder {
  folder: string;
  /** SHA-256 over the inputs of the import. */
  hash: string;
  /** False when the folder already held the result. */
  built: boolean;
}

/** What the inputs hold, read once. */
export interface ImportInputs {
  sources: EncoderSources;
  weights: Uint8Array;
  config?: unknown;
  tokenizer: string;
  tokenizerConfig: string;
  denseWeights?: Uint8Array;
  denseConfig?: unknown;
}

/**
 * Imports a model folder (see findEncoderSources) or named files into `targetFolder`. Faults of the files are
 * LangfieldErrors naming file, tensor or field; a folder that was not made by an import is never written over.
 */
export async function importEncoder(
  source: string | EncoderSources,
  targetFolder: string,
  files: FileSystem,
  options: ImportOptions = {},
): Promise<ImportedEncoder> {
  const sources = typeof source === 'string' ? await findEncoderSources(source, files) : source;
  const inputs = await readInputs(sources, files);
  const hash = await hashInputs(inputs, options);
  const descriptionPath = joinPath(targetFolder, 'encoder.json');
  if (await holdsImport(targetFolder, descriptionPath, hash, files))
    return { folder: targetFolder, hash, built: false };
  const progress = options.progress ?? silentProgress;
  progress.start('building encoder graphs', inputs.denseWeights ? 3 : 2);
  const sizes: Record<string, number> = {};
  const write = async (name: string, data: Uint8Array) => {
    sizes[name] = data.length;
    await files.writeAtomic(joinPath(targetFolder, name), data);
    progress.update(Object.keys(sizes).length, name);
  };
  // Every tensor and every setting is checked before anything in the folder changes.
  const file = new WeightFile(inputs.weights, sources.weights);
  const towers = readTowers(file, inputs, options.pixels ?? 'lerf');
  const dense = inputs.denseWeights && readDense(inputs, inputs.denseWeights, options);
  if (await files.stat(descriptionPath)) await files.remove(descriptionPath);
  await write('image.onnx', towers.imageGraph());
  await write('text.onnx', towers.textGraph());
  if (dense) await write('dense.onnx', denseTowerGraph(dense.shape, dense.weights, sources.name));
  await files.writeAtomic(joinPath(targetFolder, 'tokenizer.json'), inputs.tokenizer);
  await files.writeAtomic(joinPath(targetFolder, 'tokenizer_config.json'), inputs.tokenizerConfig);
  const { dim, side, pixels, text } = towers;
  const description = {
    name: sources.name,
    dim,
    image: { file: 'image.onnx', input: 'pixels', output: 'embedding', size: side, ...pixels },
    text: { file: 'text.onnx', input: 'ids', output: 'embedding', ...text },
    ...(dense && {
      dense: {
        file: 'dense.onnx',
        input: 'pixels',
        output: 'keys',
        size: options.denseSize ?? defaultDenseSize,
        patch: dense.shape.patch,
        dim: dense.shape.width,
        ...densePixels,
      },
    }),
    imported: { hash, sizes },
  };
  await files.writeAtomic(descriptionPath, `${JSON.stringify(description, undefined, 2)}\n`);
  progress.finish();
  return { folder: targetFolder, hash, built: true };
}

async function readInputs(sources: EncoderSources, files: FileSystem): Promise<ImportInputs> {
  const json = async (path: string): Promise<unknown> => parseJson(await files.readText(path), path);
  const { dense, config, tokenizer: tokenizerPath, tokenizerConfig: tokenizerConfigPath } = sources;
  const tokenizer = await readTokenizer(tokenizerPath, files);
  parseJson(tokenizer, tokenizerPath);
  const tokenizerConfig = tokenizerConfigPath ? await files.readText(tokenizerConfigPath) : '{}\n';
  parseJson(tokenizerConfig, tokenizerConfigPath ?? '');
  return {
    sources,
    weights: await files.readBytes(sources.weights),
    ...(config !== undefined && config !== 'openai' && { config: await json(config) }),
    tokenizer,
    tokenizerConfig,
    ...(dense && { denseWeights: await files.readBytes(dense.weights) }),
    ...(dense?.config && { denseConfig: await json(dense.config) }),
  };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LangfieldError(
      { file: path, problem: 'this is not valid JSON', found: (cause as Error).message, advice: 'Download it again' },
      { cause },
    );
  }
}

async function hashInputs(inputs: ImportInputs, options: ImportOptions): Promise<string> {
  const { sources, weights, config, tokenizer, tokenizerConfig, denseWeights, denseConfig } = inputs;
  return sha256(
    JSON.stringify([
      importerVersion,
      sources.name,
      await sha256(weights),
      config ?? "OpenAI's, from the shapes",
      tokenizer,
      tokenizerConfig,
      denseWeights ? await sha256(denseWeights) : 'no dense features',
      denseConfig ?? 'no configuration',
      options.pixels ?? 'lerf',
      options.denseSize ?? defaultDenseSize,
      options.keyBlock ?? 'last',
    ]),
  );
}

/** True when the folder holds the complete result of this very import. */
async function holdsImport(folder: string, descriptionPath: string, hash: string, files: FileSystem): Promise<boolean> {
  if (!(await files.stat(descriptionPath))) return false;
  const description = parseJson(await files.readText(descriptionPath), descriptionPath);
  const { imported } = (description ?? {}) as { imported?: { hash?: string; sizes?: Record<string, number> } };
  if (!imported?.sizes)
    throw new LangfieldError({
      file: folder,
      problem: 'this folder holds an encoder that was not made by an import',
      advice: 'Name another folder for the imported encoder',
    });
  if (imported.hash !== hash) return false;
  for (const [name, size] of Object.entries(imported.sizes))
    if ((await files.stat(joinPath(folder, name)))?.size !== size) return false;
  return true;
}

function readDense({ sources, denseConfig }: ImportInputs, bytes: Uint8Array, { keyBlock }: ImportOptions) {
  const { weights, config } = sources.dense!;
  return readDenseTower(
    new WeightFile(bytes, weights),
    config ? { json: denseConfig, file: config } : undefined,
    keyBlock,
  );
}
