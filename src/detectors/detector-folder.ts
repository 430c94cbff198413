/**
 * The detector folder: `detector.json` beside an ONNX graph, and a file of class names (closed set) or a tokenizer.json
 * (zero-shot); or an OWL-ViT in the layout of Hugging Face's ONNX repositories (hub-detector.ts). This file reads and validates the folder; it runs nothing. The fields are explained in
 * docs/detectors.md.
 */
import { z } from 'zod';
import { readHubFolder } from '../encoders/hub-folder.ts';
import {
  type FolderKind,
  type ModelFolder,
  parseDescription,
  readJsonObject,
  readReferenced,
  readTokenizerFiles,
} from '../encoders/model-folder.ts';
import { pictureSchema } from '../encoders/picture-input.ts';
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import { describeHubDetector } from './hub-detector.ts';

const name = z.string().min(1);
const positiveInteger = z.int().positive();
const share = z.number().min(0).max(1);

const boxForm = {
  boxFormat: z.enum(['cxcywh', 'xyxy']),
  /** Fractions of the input's sides, or pixels of the input. */
  boxUnits: z.enum(['normalised', 'pixels']),
};
const scoring = {
  activation: z.enum(['none', 'sigmoid', 'softmax']).default('none'),
  objectnessActivation: z.enum(['none', 'sigmoid']).default('none'),
};

const decodingSchema = z.discriminatedUnion('kind', [
  /** One feature map [1, 5 + classes, rows, cols]: objectness, box regression, class scores. */
  z.strictObject({ kind: z.literal('fastestdet'), output: name }),
  /** Boxes [1, n, 4] and scores [1, n, classes] as outputs of their own. */
  z.strictObject({
    kind: z.literal('boxes'),
    boxes: name,
    scores: name,
    /** Output [1, n] or [1, n, 1] that class scores are multiplied with. */
    objectness: name.optional(),
    /** Column of "nothing here" among the scores, if there is one. */
    background: z.enum(['none', 'first', 'last']).default('none'),
    ...boxForm,
    ...scoring,
  }),
  /** One tensor of box, objectness (if any) and class scores: [1, n, columns], or [1, columns, n]. */
  z.strictObject({
    kind: z.literal('rows'),
    output: name,
    axes: z.enum(['rows-first', 'columns-first']),
    objectness: z.boolean().default(false),
    ...boxForm,
    ...scoring,
  }),
  /** Phrases as input: logits [1, patches, phrases] and boxes [1, patches, 4], cxcywh and normalised. */
  z.strictObject({
    kind: z.literal('queries'),
    logits: name.default('logits'),
    boxes: name.default('pred_boxes'),
  }),
]);

const textSchema = z.strictObject({
  input: name,
  /** Name of an optional input that is 1 for tokens and 0 for padding. */
  maskInput: name.optional(),
  tokenizer: name.default('tokenizer.json'),
  /** Token ids are cut or padded to this length. */
  contextLength: positiveInteger,
  padId: z.int().nonnegative(),
  /** Written over the last id of a phrase that had to be cut. */
  endId: z.int().nonnegative().optional(),
  /** What is asked; {} is the phrase. */
  prompt: z.string().includes('{}').default('{}'),
});

const detectorSchema = z.looseObject({
  name,
  /** The ONNX graph. */
  file: name,
  image: pictureSchema,
  decoding: decodingSchema,
  text: textSchema.optional(),
  /** File of class names, one a line, in the order of the scores. */
  classes: name.optional(),
  /** For a class, other phrases that mean it: plurals, synonyms. */
  synonyms: z.record(z.string(), z.array(name)).default({}),
  /** Which classes a box counts for: the one it scores highest, or each with its own score. */
  labels: z.enum(['best', 'all']).default('best'),
  /** Boxes must score more than this. */
  scoreThreshold: z.number().min(0).default(0),
  /** Boxes that overlap a better one of the phrase by more than this are dropped; without it all are kept. */
  nms: z.strictObject({ iou: share }).optional(),
});

export type DetectorDescription = z.infer<typeof detectorSchema>;
export type DetectorDecoding = DetectorDescription['decoding'];
export type DetectorText = NonNullable<DetectorDescription['text']>;

export interface DetectorFolder {
  path: string;
  /** Path of detector.json (or of the config.json that stands for it), for errors. */
  descriptionPath: string;
  description: DetectorDescription;
  model: Uint8Array;
  graphPath: string;
  /** Closed set: names of the classes; '' for one that nobody can ask for. */
  classes?: { path: string; names: string[] };
  /** Zero-shot. */
  text?: { description: DetectorText; path: string; tokenizer: object; tokenizerConfig: object };
}

const detectorKind: FolderKind = { name: 'detector', description: 'detector.json', docs: 'docs/detectors.md' };

/** Reads and validates a folder; every fault is a LangfieldError that names the file and the field. */
export async function readDetectorFolder(path: string, files: FileSystem): Promise<DetectorFolder> {
  const { json, folder: place } = await readDetectorDescription(path, files);
  const { descriptionPath } = place;
  const kinds = { 'decoding.kind': 'fastestdet, boxes, rows or queries' };
  const description = parseDescription(detectorSchema, json, place, kinds);
  checkSections(description, descriptionPath);
  const folder: DetectorFolder = {
    path,
    descriptionPath,
    description,
    model: await readReferenced(place, description.file, 'file', files),
    graphPath: joinPath(path, description.file),
  };
  if (description.text) {
    const tokenizer = await readTokenizerFiles(place, description.text.tokenizer, 'text.tokenizer', files);
    folder.text = { description: description.text, ...tokenizer };
  }
  if (description.classes !== undefined) {
    const bytes = await readReferenced(place, description.classes, 'classes', files);
    folder.classes = { path: joinPath(path, description.classes), names: classNames(bytes) };
    checkSynonyms(description.synonyms, folder.classes, descriptionPath);
  }
  return folder;
}

/** detector.json, or what stands for it in a folder of the hub's layout. */
async function readDetectorDescription(
  path: string,
  files: FileSystem,
): Promise<{ json: object; folder: ModelFolder }> {
  const own = joinPath(path, detectorKind.description);
  if (await files.stat(own))
    return { json: await readJsonObject(own, files), folder: { path, kind: detectorKind, descriptionPath: own } };
  const hub = await readHubFolder(path, detectorKind, files);
  if (hub) return { json: describeHubDetector(hub), folder: hub };
  throw new LangfieldError({
    file: path,
    problem: 'there is no detector folder here',
    expected: 'a folder with detector.json and an ONNX graph',
    advice: 'Give the path of a detector folder with --baseline; docs/detectors.md says how to make one',
  });
}

/** Lines, without those at the end that are empty. */
function classNames(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes).trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => line.trim());
}

/** A zero-shot decoding needs a text section, the others a class file; what would be ignored is refused. */
function checkSections(description: DetectorDescription, file: string): void {
  const { decoding, text, classes, synonyms } = description;
  const zeroShot = decoding.kind === 'queries';
  const fault = (field: string, problem: string, advice: string) =>
    new LangfieldError({ file, field, problem, advice: `${advice}; docs/detectors.md explains the fields` });
  const because = `decoding.kind is "${decoding.kind}"`;
  if (zeroShot && !text) throw fault('text', `the section is missing, and ${because}`, 'Add it');
  if (!zeroShot && text) throw fault('text', `the section is of no use when ${because}`, 'Remove it');
  if (!zeroShot && classes === undefined) throw fault('classes', `the field is missing, and ${because}`, 'Add it');
  if (zeroShot && classes !== undefined) throw fault('classes', `the field is of no use when ${because}`, 'Remove it');
  if (zeroShot && Object.keys(synonyms).length > 0)
    throw fault('synonyms', `the field is of no use when ${because}`, 'Remove it');
}

function checkSynonyms(
  synonyms: Record<string, string[]>,
  classes: { path: string; names: string[] },
  file: string,
): void {
  const unknown = Object.keys(synonyms).find((key) => !classes.names.includes(key));
  if (unknown === undefined) return;
  throw new LangfieldError({
    file,
    field: 'synonyms',
    problem: 'synonyms are given for a class that does not exist',
    found: unknown,
    expected: `a line of ${classes.path}`,
    advice: 'Correct the name',
  });
}
