/**
 * The encoder folder: `encoder.json` beside ONNX graphs and a Hugging Face `tokenizer.json`. This file reads and
 * validates the folder and computes its identity; it runs nothing. The README of an encoder folder need not exist.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath, sha256 } from '../platform/platform.ts';

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

export interface EncoderFolder {
  path: string;
  /** Path of encoder.json, for errors. */
  descriptionPath: string;
  description: EncoderDescription;
  imageModel: Uint8Array;
  textModel: Uint8Array;
  denseModel?: Uint8Array;
  tokenizer: object;
  tokenizerConfig: object;
  /** SHA-256 over everything that determines embeddings of tiles and texts. */
  identity: string;
  /** The same for dense features alone, so that they survive a change of the text side. */
  denseIdentity?: string;
}

type Reader = Pick<FileSystem, 'stat' | 'readText' | 'readBytes'>;

/** Reads and validates a folder; every fault is a LangfieldError that names the file and the field. */
export async function readEncoderFolder(path: string, files: FileSystem): Promise<EncoderFolder> {
  const { descriptionPath, description } = await readDescription(path, files);
  const { image, text, dense } = description;
  const modelOf = (file: string, field: string) => readReferenced(path, file, field, descriptionPath, files);
  const imageModel = await modelOf(image.file, 'image.file');
  const textParts = await readTextParts(path, description, files);
  const { textModel, tokenizer, tokenizerConfig } = textParts;
  const denseModel = dense && (await modelOf(dense.file, 'dense.file'));
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
    path,
    descriptionPath,
    description,
    imageModel,
    ...textParts,
    identity,
    ...(denseModel && {
      denseModel,
      denseIdentity: await sha256(JSON.stringify([preprocessingVersion, dense, await sha256(denseModel)])),
    }),
  };
}

/** Reads the text side alone, with the identity that the whole folder had. */
export async function readTextFolder(path: string, identity: string, files: Reader) {
  const { description } = await readDescription(path, files);
  return { path, description, identity, ...(await readTextParts(path, description, files)) };
}

const tokenizerConfigFile = 'tokenizer_config.json';

/** Names of the files that make up the text side, in the folder. */
export async function textFiles(path: string, { text }: EncoderDescription, files: Reader): Promise<string[]> {
  const names = ['encoder.json', text.file, text.tokenizer];
  return (await files.stat(joinPath(path, tokenizerConfigFile))) ? [...names, tokenizerConfigFile] : names;
}

async function readDescription(path: string, files: Reader) {
  const descriptionPath = joinPath(path, 'encoder.json');
  if ((await files.stat(descriptionPath)) === undefined)
    throw new LangfieldError({
      file: path,
      problem: 'there is no encoder folder here',
      expected: 'a folder with encoder.json, ONNX graphs and tokenizer.json',
      advice: 'Give the path of an encoder folder with --encoder',
    });
  return { descriptionPath, description: parseDescription(await readJson(descriptionPath, files), descriptionPath) };
}

async function readTextParts(path: string, { text }: EncoderDescription, files: Reader) {
  const descriptionPath = joinPath(path, 'encoder.json');
  const textModel = await readReferenced(path, text.file, 'text.file', descriptionPath, files);
  await readReferenced(path, text.tokenizer, 'text.tokenizer', descriptionPath, files);
  const tokenizer = await readJson(joinPath(path, text.tokenizer), files);
  const configPath = joinPath(path, tokenizerConfigFile);
  const tokenizerConfig = (await files.stat(configPath)) ? await readJson(configPath, files) : {};
  return { textModel, tokenizer, tokenizerConfig };
}

function parseDescription(json: object, path: string): EncoderDescription {
  const parsed = encoderSchema.safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue.path.join('.');
  const found = issue.input === undefined ? 'nothing' : (JSON.stringify(issue.input) ?? String(issue.input));
  throw new LangfieldError({
    file: path,
    field: field === '' ? undefined : field,
    problem: issue.message.replace(/^Invalid input: /, '').replace(/\.$/, ''),
    found: issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : found.slice(0, 80),
    advice: 'The fields are explained in docs/encoders.md',
  });
}

/** A file that encoder.json names: the error says which field named it. */
async function readReferenced(
  folder: string,
  file: string,
  field: string,
  descriptionPath: string,
  files: Reader,
): Promise<Uint8Array> {
  const path = joinPath(folder, file);
  if (!(await files.stat(path)))
    throw new LangfieldError({
      file: descriptionPath,
      field,
      problem: 'names a file that does not exist',
      found: file,
      expected: `a file at ${path}`,
      advice: 'Copy the whole encoder folder again',
    });
  return files.readBytes(path);
}

async function readJson(path: string, files: Reader): Promise<object> {
  const text = await files.readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LangfieldError(
      { file: path, problem: 'this is not valid JSON', found: (cause as Error).message, advice: 'Mend or replace it' },
      { cause },
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LangfieldError({ file: path, problem: 'the file must hold a JSON object', advice: 'Mend or replace it' });
  return value;
}
