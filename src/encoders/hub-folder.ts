/**
 * Folders in the layout of Hugging Face's ONNX repositories, which is also what Transformers.js loads: config.json,
 * preprocessor_config.json, tokenizer.json and graphs in onnx/. What langfield needs to know of a graph follows from the
 * two configurations; here they are read, what they mean is the business of hub-encoder.ts, hub-detector.ts and
 * hub-segmenter.ts. Nothing is ever fetched.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import { baseName, type FileSystem, joinPath } from '../platform/platform.ts';
import { type FolderKind, type ModelFolder, parseDescription, readJsonObject } from './model-folder.ts';
import type { PictureDescription } from './picture-input.ts';

const sizeSchema = z.union([
  z.number(),
  z.looseObject({
    height: z.number().optional(),
    width: z.number().optional(),
    shortest_edge: z.number().optional(),
    longest_edge: z.number().optional(),
  }),
]);
const triple = z.tuple([z.number(), z.number(), z.number()]);

const preprocessorSchema = z.looseObject({
  size: sizeSchema.optional(),
  max_size: z.number().nullish(),
  crop_size: sizeSchema.optional(),
  do_center_crop: z.boolean().nullish(),
  size_divisor: z.number().nullish(),
  image_mean: triple,
  image_std: triple,
});

const configSchema = z.looseObject({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  projection_dim: z.number().nullish(),
  text_config: z.looseObject({}).default({}),
  vision_config: z.looseObject({}).default({}),
});

export interface HubFolder extends ModelFolder {
  /** The last part of the folder's path. */
  name: string;
  config: z.infer<typeof configSchema>;
  pixels: z.infer<typeof preprocessorSchema>;
  tokenizer?: object;
  tokenizerConfig?: object;
}

/** Undefined when the folder has no config.json or no graphs in onnx/. */
export async function readHubFolder(path: string, kind: FolderKind, files: FileSystem): Promise<HubFolder | undefined> {
  const descriptionPath = joinPath(path, 'config.json');
  if (!(await files.stat(descriptionPath)) || !(await files.stat(joinPath(path, 'onnx')))?.isDirectory)
    return undefined;
  const folder: ModelFolder = { path, kind, descriptionPath };
  const pixelsPath = joinPath(path, 'preprocessor_config.json');
  if (!(await files.stat(pixelsPath)))
    throw new LangfieldError({
      file: path,
      problem: 'this folder has a config.json and no preprocessor_config.json',
      expected: 'both, as in the model repository',
      advice: `Copy preprocessor_config.json too, or write a ${kind.description} (${kind.docs})`,
    });
  const optional = async (name: string) =>
    (await files.stat(joinPath(path, name))) ? readJsonObject(joinPath(path, name), files) : undefined;
  return {
    ...folder,
    name: baseName(path),
    config: parseDescription(configSchema, await readJsonObject(descriptionPath, files), folder),
    pixels: parseDescription(preprocessorSchema, await readJsonObject(pixelsPath, files), {
      ...folder,
      descriptionPath: pixelsPath,
    }),
    tokenizer: await optional('tokenizer.json'),
    tokenizerConfig: await optional('tokenizer_config.json'),
  };
}

/** For a model of a kind that this folder cannot be. */
export function unknownModel({ descriptionPath, config, kind }: HubFolder, known: readonly string[]): LangfieldError {
  return new LangfieldError({
    file: descriptionPath,
    field: 'model_type',
    problem: `no ${kind.name} can be made of this kind of model`,
    found: [config.model_type, ...(config.architectures ?? [])].join(', '),
    expected: known.join(', '),
    advice: `Write a ${kind.description} for its graphs (${kind.docs})`,
  });
}

/** The side of a square input: the crop where there is one, else the size. */
export function squareSide({ pixels, config }: HubFolder, byDefault: number): number {
  const size = (pixels.do_center_crop === false ? undefined : pixels.crop_size) ?? pixels.size;
  if (typeof size === 'number') return size;
  return size?.height ?? size?.shortest_edge ?? numberOf(config.vision_config, 'image_size', byDefault);
}

/** Sections "size", "mean" and "std" of a detector's or segmenter's picture. */
export function pictureOf({ pixels }: HubFolder): Pick<PictureDescription, 'mean' | 'std' | 'size'> {
  const { size, max_size: longest, size_divisor: divisor } = pixels;
  const { image_mean: mean, image_std: std } = pixels;
  if (typeof size !== 'number' && size?.height !== undefined && size.width !== undefined)
    return { size: [size.height, size.width], mean, std };
  const shortest = typeof size === 'number' ? size : size?.shortest_edge;
  const most = typeof size === 'number' ? longest : (size?.longest_edge ?? longest);
  return {
    size: { shortest: shortest ?? 800, longest: most ?? 1333, divisor: divisor && divisor > 0 ? divisor : 1 },
    mean,
    std,
  };
}

/** A number of a configuration; configurations leave out what is the default. */
export function numberOf(section: Record<string, unknown>, key: string, byDefault: number): number {
  const value = section[key];
  return typeof value === 'number' ? value : byDefault;
}

/** The id of a special token by the tokenizer's own files. */
export function specialIdOf(
  { tokenizer, tokenizerConfig }: Pick<HubFolder, 'tokenizer' | 'tokenizerConfig'>,
  role: 'pad_token' | 'eos_token',
): number | undefined {
  const named = (tokenizerConfig as Partial<Record<string, string | { content?: string }>> | undefined)?.[role];
  const content = typeof named === 'string' ? named : named?.content;
  const { added_tokens: added = [] } = (tokenizer ?? {}) as { added_tokens?: { id: number; content: string }[] };
  return added.find((token) => token.content === content)?.id;
}
