/**
 * The two towers of a checkpoint, whatever project it comes from: a CLIP by open_clip's, Hugging Face's or OpenAI's names,
 * or a SigLIP by Hugging Face's. Every tensor and every setting is checked here; the graphs are built on demand.
 */
import { LangfieldError } from '../../errors.ts';
import { specialIdOf } from '../hub-folder.ts';
import { type ClipArchitecture, parseClipConfig } from './clip-config.ts';
import { detectClipLayout, inferOpenAiArchitecture, isOpenAiArchive, readClipWeights } from './clip-layouts.ts';
import { textTowerGraph } from './clip-text.ts';
import type { EncoderSources } from './encoder-sources.ts';
import type { ImportInputs, ImportOptions } from './import-encoder.ts';
import { siglipImageGraph, siglipTextGraph } from './siglip.ts';
import { isSiglip, readSiglip } from './siglip-layout.ts';
import { imageTowerGraph } from './vit-image.ts';
import type { WeightFile } from './weights.ts';

type PixelChoice = NonNullable<ImportOptions['pixels']>;
interface Pixels {
  mean: [number, number, number];
  std: [number, number, number];
}

/** OpenAI's constants, which LERF uses for every CLIP (spec §1.3, §3.1). */
const clipPixels: Pixels = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};
/** SigLIP was never trained with any others. */
const siglipPixels: Pixels = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

export interface Towers {
  dim: number;
  /** Of the square picture, pixels. */
  side: number;
  pixels: Pixels;
  text: { contextLength: number; padId: number; endId?: number };
  imageGraph(): Uint8Array;
  textGraph(): Uint8Array;
}

export function readTowers(file: WeightFile, inputs: ImportInputs, pixels: PixelChoice): Towers {
  return isSiglip(file) ? siglipTowers(file, inputs) : clipTowers(file, inputs, pixels);
}

function clipTowers(file: WeightFile, inputs: ImportInputs, pixels: PixelChoice): Towers {
  const { sources } = inputs;
  const architecture = chooseArchitecture(file, inputs);
  const weights = readClipWeights(file, architecture);
  const { image, text } = architecture;
  const { contextLength, vocabSize, endToken } = text;
  return {
    dim: text.dim,
    side: squareSide(architecture, sources),
    pixels: choosePixels(architecture, sources, pixels),
    // Nothing behind the end token matters.
    text: { contextLength, padId: 0, endId: endToken === 'largest' ? vocabSize - 1 : endToken },
    imageGraph: () => imageTowerGraph(image, weights.image, sources.name),
    textGraph: () => textTowerGraph(text, weights.text, sources.name),
  };
}

function siglipTowers(file: WeightFile, { sources, config, tokenizer, tokenizerConfig }: ImportInputs): Towers {
  const path = configPath(sources);
  if (path === undefined) throw configNeeded(sources, 'config.json');
  const { image, text, padId } = readSiglip(file, config, path);
  const tokens = { tokenizer: JSON.parse(tokenizer), tokenizerConfig: JSON.parse(tokenizerConfig) };
  return {
    dim: text.shape.dim,
    side: image.shape.side,
    pixels: siglipPixels,
    text: {
      contextLength: text.shape.contextLength,
      padId: specialIdOf(tokens, 'pad_token') ?? padId,
      endId: specialIdOf(tokens, 'eos_token'),
    },
    imageGraph: () => siglipImageGraph(image.shape, image.weights, sources.name),
    textGraph: () => siglipTextGraph(text.shape, text.weights, sources.name),
  };
}

function chooseArchitecture(file: WeightFile, { sources, config }: ImportInputs): ClipArchitecture {
  const path = configPath(sources);
  if (path !== undefined) return parseClipConfig(config, path);
  const isOpenAi = sources.config === 'openai' || isOpenAiArchive(file);
  if (detectClipLayout(file) === 'openclip' && isOpenAi) return inferOpenAiArchitecture(file);
  throw configNeeded(sources, "open_clip_config.json or config.json, or OpenAI's own archive with its three sizes");
}

function configNeeded({ weights }: EncoderSources, expected: string): LangfieldError {
  return new LangfieldError({
    file: weights,
    problem: 'these weights need their configuration: it says which activation they were trained with',
    expected,
    advice: 'Put the configuration of the same model beside the weights',
  });
}

/** Path of the configuration file, if there is one. */
function configPath({ config }: EncoderSources): string | undefined {
  return config === 'openai' ? undefined : config;
}

/** The encoder folder knows square tiles only. */
function squareSide({ image }: ClipArchitecture, sources: EncoderSources): number {
  const [rows, cols] = image.imageSize;
  if (rows === cols) return rows;
  throw new LangfieldError({
    file: configPath(sources) ?? sources.weights,
    field: 'image_size',
    problem: 'tiles are square, this image tower is not',
    found: `${rows} × ${cols}`,
    expected: 'one side',
    advice: 'Choose a CLIP for square pictures',
  });
}

function choosePixels(architecture: ClipArchitecture, sources: EncoderSources, pixels: PixelChoice): Pixels {
  if (pixels !== 'model') return clipPixels;
  if (architecture.pixels) return architecture.pixels;
  throw new LangfieldError({
    file: configPath(sources) ?? sources.weights,
    field: 'preprocess_cfg',
    problem: 'the configuration gives no mean and std of the pixels',
    advice: "Leave the option out to use OpenAI's constants, as LERF does",
  });
}
