/**
 * The encoder folder: `encoder.json` beside ONNX graphs and a Hugging Face `tokenizer.json`, or a CLIP or SigLIP in the
 * layout of Hugging Face's ONNX repositories (hub-encoder.ts). This file reads and validates the folder and computes its
 * identity; it runs nothing. The README of an encoder folder need not exist.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import { baseName, type FileSystem, joinPath, sha256 } from '../platform/platform.ts';
import type { GraphFile } from './graph.ts';
import { describeHubEncoder } from './hub-encoder.ts';
import { readHubFolder } from './hub-folder.ts';
import {
  type FolderKind,
  type ModelFolder,
  parseDescription,
  readJsonObject,
  readReferenced,
  readTokenizerFiles,
  tokenizerFiles,
} from './model-folder.ts';

/** Raised whenever the pixels that reach a graph change for the same encoder.json, so that caches are rebuilt. */
export const preprocessingVersion = 1;

const defaultCanonicalPhrases = ['object', 'things', 'stuff', 'texture'];

const positiveInteger = z.int().positive();
const channelTriple = z.tuple([z.number(), z.number(), z.number()]);
const positiveTriple = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);
const fileName = z.string().min(1);

const picturePreprocessing = {
  /** Per channel, for values in [0, 1]: (value - mean) / std. */
  mean: channelTriple,
  std: positiveTriple,
  interpolation: z.literal('bilinear').default('bilinear'),
  /** Low-pass when shrinking. Off as in the environment LERF was published with (spec §1.3). */
  antialias: z.boolean().default(false),
  /** Axis order of the graph's picture input. */
  layout: z.enum(['nchw', 'nhwc']).default('nchw'),
};

const imageSchema = z.strictObject({
  file: fileName,
  input: z.string(),
  output: z.string(),
  /** Side of the square input, pixels. */
  size: positiveInteger,
  ...picturePreprocessing,
});

const textSchema = z.strictObject({
  file: fileName,
  input: z.string(),
  output: z.string(),
  /** Name of an optional second input that is 1 for tokens and 0 for padding. */
  maskInput: z.string().optional(),
  /** The graph may do without the mask: exports of one layout differ in it. */
  maskOptional: z.boolean().optional(),
  tokenizer: fileName.default('tokenizer.json'),
  /** Token ids are cut or padded to this length. */
  contextLength: positiveInteger,
  padId: z.int().nonnegative(),
  unkId: z.int().nonnegative().optional(),
  /** Written over the last id of a text that had to be cut, for encoders that read their result at the end token. */
  endId: z.int().nonnegative().optional(),
});

const denseSchema = z.strictObject({
  file: fileName,
  input: z.string(),
  output: z.string(),
  /** The shorter side of the whole photo is resized to this, pixels. */
  size: positiveInteger,
  /** Side and spacing of the patches, pixels of the resized photo; the grid is 1 + floor((side - patch) / stride). */
  patch: positiveInteger,
  stride: positiveInteger.optional(),
  dim: positiveInteger,
  /** [1, rows·cols, dim], [1, rows, cols, dim] or [1, dim, rows, cols]. */
  outputLayout: z.enum(['tokens', 'nhwc', 'nchw']).default('tokens'),
  ...picturePreprocessing,
});

const encoderSchema = z.looseObject({
  name: z.string().min(1),
  /** Width of the shared embedding space. */
  dim: positiveInteger,
  image: imageSchema,
  text: textSchema,
  dense: denseSchema.optional(),
  /** What an encoder of a closed vocabulary knows, for people and for messages; `text.unkId` must be given with it. */
  vocabulary: z.array(z.string().min(1)).optional(),
  canonicalPhrases: z.array(z.string().min(1)).min(1).default(defaultCanonicalPhrases),
});

export type EncoderDescription = z.infer<typeof encoderSchema>;
export type PicturePreprocessing = Pick<
  EncoderDescription['image'],
  'mean' | 'std' | 'interpolation' | 'antialias' | 'layout'
>;

/** What the text side needs. */
export interface TextFolder {
  path: string;
  /** Path of encoder.json (or of the config.json that stands for it), for errors. */
  descriptionPath: string;
  description: EncoderDescription;
  textModel: Uint8Array;
  tokenizer: object;
  tokenizerConfig: object;
}

export interface EncoderFolder extends TextFolder {
  imageModel: Uint8Array;
  denseModel?: Uint8Array;
  /** SHA-256 over everything that determines embeddings of tiles and texts. */
  identity: string;
  /** The same for dense features alone, so that they survive a change of the text side. */
  denseIdentity?: string;
}

/** Names of an encoder folder in faults. */
export const encoderKind: FolderKind = { name: 'encoder', description: 'encoder.json', docs: 'docs/encoders.md' };

/** Reads and validates a folder; every fault is a LangfieldError that names the file and the field. */
export async function readEncoderFolder(path: string, files: FileSystem): Promise<EncoderFolder> {
  const { folder, description } = await readEncoderDescription(path, files);
  const { image, text, dense } = description;
  const imageModel = await readReferenced(folder, image.file, 'image.file', files);
  const textFolder = await readTextParts(folder, description, files);
  const { textModel, tokenizer, tokenizerConfig } = textFolder;
  const denseModel = dense && (await readReferenced(folder, dense.file, 'dense.file', files));
  const identity = await sha256(
    JSON.stringify([
      preprocessingVersion,
      description.dim,
      image,
      text,
      await sha256(imageModel),
      await sha256(textModel),
      tokenizer,
      tokenizerConfig,
    ]),
  );
  return {
    ...textFolder,
    imageModel,
    identity,
    ...(denseModel && {
      denseModel,
      denseIdentity: await sha256(JSON.stringify([preprocessingVersion, dense, await sha256(denseModel)])),
    }),
  };
}

/** Reads the text side alone; the image and the dense graph need not be there. */
export async function readTextFolder(path: string, files: FileSystem): Promise<TextFolder> {
  const { folder, description } = await readEncoderDescription(path, files);
  return readTextParts(folder, description, files);
}

/** Names, in the folder, of the files that readTextFolder reads besides the description. */
export async function textFiles({ path, description }: TextFolder, files: FileSystem): Promise<string[]> {
  const { file, tokenizer } = description.text;
  return [file, ...(await tokenizerFiles(path, tokenizer, files))];
}

async function readTextParts(
  folder: ModelFolder,
  description: EncoderDescription,
  files: FileSystem,
): Promise<TextFolder> {
  const { path, descriptionPath } = folder;
  const { text } = description;
  const textModel = await readReferenced(folder, text.file, 'text.file', files);
  const { tokenizer, tokenizerConfig } = await readTokenizerFiles(folder, text.tokenizer, 'text.tokenizer', files);
  return { path, descriptionPath, description, textModel, tokenizer, tokenizerConfig };
}

/** By encoder.json, or by what stands for it in a folder of the hub's layout. */
async function readEncoderDescription(
  path: string,
  files: FileSystem,
): Promise<{ folder: ModelFolder; description: EncoderDescription }> {
  const described = (json: object, folder: ModelFolder) => ({
    folder,
    description: parseDescription(encoderSchema, json, folder),
  });
  const descriptionPath = joinPath(path, encoderKind.description);
  if (await files.stat(descriptionPath))
    return described(await readJsonObject(descriptionPath, files), { path, kind: encoderKind, descriptionPath });
  const hub = await readHubFolder(path, encoderKind, files);
  if (hub) return described(describeHubEncoder(hub), hub);
  throw new LangfieldError({
    file: path,
    problem: 'there is no encoder folder here',
    expected: 'a folder with encoder.json, ONNX graphs and tokenizer.json',
    advice: 'Give the path of an encoder folder with --encoder',
  });
}

/** A graph of the folder for loadCheckedGraph. */
export function graphFile({ path, descriptionPath }: TextFolder, file: string, model: Uint8Array): GraphFile {
  return { path: joinPath(path, file), model, description: baseName(descriptionPath) };
}
