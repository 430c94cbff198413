/**
 * Which files of a downloaded model folder an import reads, by the names the published repositories use:
 * open_clip_model.safetensors with open_clip_config.json, model.safetensors with config.json, or a single safetensors
 * file of OpenAI's; tokenizer.json (or OpenAI's merges) beside it; a DINO in the sub-folder "dino". Nothing is opened here.
 */
import { LangfieldError } from '../../errors.ts';
import { mergesFiles } from './clip-tokenizer.ts';
import { baseName, type FileSystem, joinPath } from '../../platform/platform.ts';

export interface DenseSources {
  /** Path of the safetensors file. */
  weights: string;
  /** Path of config.json, where the layout needs one. */
  config?: string;
}

export interface EncoderSources {
  /** Name of the encoder in logs and runs. */
  name: string;
  /** Path of the safetensors file that holds both towers. */
  weights: string;
  /**
   * Path of open_clip's or Hugging Face's configuration. Without one the weights must be OpenAI's own archive, which
   * is known by its three sizes among the tensors; "openai" takes any weights as OpenAI's.
   */
  config?: string | 'openai';
  /** Path of a tokenizer.json, or of the merges file of OpenAI's repository (.txt, .txt.gz). */
  tokenizer: string;
  tokenizerConfig?: string;
  dense?: DenseSources;
}

/** Looks into a model folder; an absent file is a LangfieldError that says which. */
export async function findEncoderSources(folder: string, files: FileSystem): Promise<EncoderSources> {
  if (!(await files.stat(folder))?.isDirectory)
    throw new LangfieldError({
      file: folder,
      problem: 'there is no model folder here',
      expected: 'a folder with safetensors weights, their configuration and tokenizer.json',
      advice: 'Give the folder of a downloaded CLIP',
    });
  const names = await files.list(folder);
  const { weights, config } = chooseWeights(folder, names);
  const tokenizer = ['tokenizer.json', ...mergesFiles].find((name) => names.includes(name));
  if (!tokenizer)
    throw new LangfieldError({
      file: joinPath(folder, 'tokenizer.json'),
      problem: 'the tokenizer is not there',
      found: names.join(', '),
      expected: `tokenizer.json, or ${mergesFiles[0]} of OpenAI's repository`,
      advice: 'Copy the tokenizer of the same model into the folder',
    });
  const dense = names.includes('dino') ? await findDenseSources(joinPath(folder, 'dino'), files) : undefined;
  return {
    name: baseName(folder),
    weights: joinPath(folder, weights),
    ...(config && { config: joinPath(folder, config) }),
    tokenizer: joinPath(folder, tokenizer),
    ...(names.includes('tokenizer_config.json') && { tokenizerConfig: joinPath(folder, 'tokenizer_config.json') }),
    ...(dense && { dense }),
  };
}

function chooseWeights(folder: string, names: readonly string[]): { weights: string; config?: string } {
  const pairs = [
    { weights: 'open_clip_model.safetensors', config: 'open_clip_config.json' },
    { weights: 'model.safetensors', config: 'config.json' },
  ];
  const pair = pairs.find(({ weights, config }) => names.includes(weights) && names.includes(config));
  if (pair) return pair;
  const weights = names.filter((name) => name.endsWith('.safetensors'));
  const config = ['open_clip_config.json', 'config.json'].find((name) => names.includes(name));
  // A single file under a name of its own: OpenAI's weights, or another's beside their configuration.
  if (weights.length === 1) return { weights: weights[0], config };
  throw new LangfieldError({
    file: folder,
    problem: weights.length === 0 ? 'there are no safetensors weights here' : 'it is not clear which weights to take',
    found: names.join(', ') || 'an empty folder',
    expected: 'open_clip_model.safetensors and open_clip_config.json, or model.safetensors and config.json',
    advice: 'Weights in other formats (.bin, .pt) hold program code and are not read; take the safetensors file',
  });
}

async function findDenseSources(folder: string, files: FileSystem): Promise<DenseSources> {
  const names = await files.list(folder);
  const weights = names.filter((name) => name.endsWith('.safetensors'));
  if (weights.length !== 1)
    throw new LangfieldError({
      file: folder,
      problem: 'the folder of the DINO must hold one safetensors file',
      found: names.join(', ') || 'an empty folder',
      advice: 'Put model.safetensors of the DINO there, and its config.json if it has one',
    });
  return {
    weights: joinPath(folder, weights[0]),
    ...(names.includes('config.json') && { config: joinPath(folder, 'config.json') }),
  };
}
