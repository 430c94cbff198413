/**
 * The segmenter folder: `segmenter.json` beside ONNX graphs, or a DETR-panoptic, MaskFormer, SAM or SAM 2 in the layout
 * of Hugging Face's ONNX repositories (hub-segmenter.ts). This file reads and validates the folder and computes its
 * identity; it runs nothing. The fields are explained in docs/segmenters.md.
 */
import { z } from 'zod';
import { readHubFolder } from '../encoders/hub-folder.ts';
import {
  type FolderKind,
  type ModelFolder,
  parseDescription,
  readJsonObject,
  readReferenced,
} from '../encoders/model-folder.ts';
import { pictureSchema } from '../encoders/picture-input.ts';
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath, sha256 } from '../platform/platform.ts';
import { describeHubSegmenter } from './hub-segmenter.ts';

/** Raised whenever the same graphs and settings give other maps, so that cached ones are made again. */
const algorithmVersion = 1;

const name = z.string().min(1);
const positiveInteger = z.int().positive();
const share = z.number().min(0).max(1);

/** An input that is the same for every photo, such as OneFormer's task: one value everywhere, or all of them. */
const constantSchema = z.strictObject({
  input: name,
  type: z.enum(['float32', 'int64', 'int32']).default('int64'),
  shape: z.array(z.int().nonnegative()),
  values: z.union([z.number(), z.array(z.number())]).default(0),
});

const decodingSchema = z.discriminatedUnion('kind', [
  /** Class logits [1, queries, classes] and mask logits [1, queries, rows, cols] of one graph. */
  z.strictObject({
    kind: z.literal('queries'),
    logits: name,
    masks: name,
    /** Column of "nothing here" among the logits, if there is one. */
    background: z.enum(['none', 'last']).default('last'),
    /** A query counts when its best class is more probable than this. */
    scoreThreshold: share.default(0.5),
    /** Where score times mask reaches this, a query claims the pixel. */
    maskThreshold: share.default(0.5),
    /** A query counts when it wins more than this share of what it claims. */
    overlapThreshold: share.default(0.8),
  }),
  /** A picture encoder, and a decoder of point prompts: masks [1, points, m, rows, cols], scores [1, points, m]. */
  z.strictObject({
    kind: z.literal('points'),
    /** Outputs of the encoder that are inputs of the decoder by the same names. */
    embeddings: z.array(name).min(1),
    decoder: z.strictObject({
      file: name,
      points: name.default('input_points'),
      labels: name.default('input_labels'),
      masks: name.default('pred_masks'),
      scores: name.default('iou_scores'),
      constants: z.array(constantSchema).default([]),
    }),
    pointsPerSide: positiveInteger.max(256).default(32),
    pointsPerRun: positiveInteger.default(64),
    /** Predicted IoU must exceed this. */
    scoreThreshold: z.number().default(0.88),
    /** Share of the mask that stays when its threshold rises and falls by `stabilityOffset`. */
    stabilityThreshold: share.default(0.95),
    stabilityOffset: z.number().nonnegative().default(1),
    /** Masks whose boxes overlap a better one by more than this are dropped. */
    nmsIou: share.default(0.7),
  }),
]);

const segmenterSchema = z.looseObject({
  name,
  /** The ONNX graph; of "points" the one of the picture. */
  file: name,
  image: pictureSchema,
  decoding: decodingSchema,
  constants: z.array(constantSchema).default([]),
  /** What no mask covers becomes regions of its own, piece by piece; pieces below this share of the photo do not. */
  minArea: share.default(0.0006),
});

export type SegmenterDescription = z.infer<typeof segmenterSchema>;
export type ConstantInput = z.infer<typeof constantSchema>;
type Decoding<Kind> = Extract<SegmenterDescription['decoding'], { kind: Kind }>;
export type QueryDecoding = Decoding<'queries'>;
export type PointDecoding = Decoding<'points'>;

export interface SegmenterFolder extends ModelFolder {
  description: SegmenterDescription;
  /** SHA-256 of everything that determines the maps. */
  identity: string;
}

export const segmenterKind: FolderKind = {
  name: 'segmenter',
  description: 'segmenter.json',
  docs: 'docs/segmenters.md',
};

/**
 * Reads and validates a folder; every fault is a LangfieldError that names the file and the field. The graphs are hashed and
 * let go again: with all maps in the cache nobody needs them.
 */
export async function readSegmenterFolder(path: string, files: FileSystem): Promise<SegmenterFolder> {
  const { json, folder } = await readSegmenterDescription(path, files);
  const description = parseDescription(segmenterSchema, json, folder, { 'decoding.kind': 'queries or points' });
  const { file, image, decoding, constants, minArea } = description;
  const graphs = [await sha256(await readReferenced(folder, file, 'file', files))];
  if (decoding.kind === 'points') {
    const decoder = await readReferenced(folder, decoding.decoder.file, 'decoding.decoder.file', files);
    graphs.push(await sha256(decoder));
  }
  const settings = [algorithmVersion, image, decoding, constants, minArea];
  return { ...folder, description, identity: await sha256(JSON.stringify([...settings, ...graphs])) };
}

/** segmenter.json, or what stands for it in a folder of the hub's layout. */
async function readSegmenterDescription(
  path: string,
  files: FileSystem,
): Promise<{ json: object; folder: ModelFolder }> {
  const own = joinPath(path, segmenterKind.description);
  if (await files.stat(own))
    return { json: await readJsonObject(own, files), folder: { path, kind: segmenterKind, descriptionPath: own } };
  const hub = await readHubFolder(path, segmenterKind, files);
  if (hub) return { json: describeHubSegmenter(hub), folder: hub };
  throw new LangfieldError({
    field: '--segmenter',
    problem: 'there is no segmenter here',
    found: path,
    expected: 'builtin, files:<folder> (several folders separated by commas), or a folder with segmenter.json',
    advice: 'docs/segmenters.md says how to make a segmenter folder',
  });
}
