/**
 * The detector folder: `detector.json` beside an ONNX graph, and a file of class names (closed set) or a tokenizer.json
 * (zero-shot). This file reads and validates the folder; it runs nothing. The fields are explained in
 * docs/detectors.md.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';

const name = z.string().min(1);
const positiveInteger = z.int().positive();
const share = z.number().min(0).max(1);

const imageSchema = z.strictObject({
  input: name,
  /** Pixels of the input: the side of a square, or [height, width]. */
  size: z.union([positiveInteger, z.tuple([positiveInteger, positiveInteger])]),
  /** Per channel in the order of `channels`, for values in [0, 1]: (value - mean) / std. */
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  layout: z.enum(['nchw', 'nhwc']).default('nchw'),
  channels: z.enum(['rgb', 'bgr']).default('rgb'),
  /** Low-pass when shrinking. */
  antialias: z.boolean().default(true),
  /** How a photo of another aspect gets into the input: stretched, or with padding right and below, or all round. */
  fit: z.enum(['stretch', 'pad', 'letterbox']).default('stretch'),
  /** Grey of the padding, 0 … 1. */
  padValue: share.default(0.5),
  /** A second input that is all ones, such as DETR's pixel_mask: [1, height, width]. */
  mask: z.strictObject({ input: name, size: z.tuple([positiveInteger, positiveInteger]) }).optional(),
});

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
  image: imageSchema,
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
  /** Path of detector.json, for errors. */
  descriptionPath: string;
  description: DetectorDescription;
  model: Uint8Array;
  graphPath: string;
  /** Closed set: names of the classes; '' for one that nobody can ask for. */
  classes?: { path: string; names: string[] };
  /** Zero-shot. */
  text?: { description: DetectorText; path: string; tokenizer: object; tokenizerConfig: object };
}

/** Reads and validates a folder; every fault is a LangfieldError that names the file and the field. */
export async function readDetectorFolder(path: string, files: FileSystem): Promise<DetectorFolder> {
  const descriptionPath = joinPath(path, 'detector.json');
  if ((await files.stat(descriptionPath)) === undefined)
    throw new LangfieldError({
      file: path,
      problem: 'there is no detector folder here',
      expected: 'a folder with detector.json and an ONNX graph',
      advice: 'Give the path of a detector folder with --baseline; docs/detectors.md says how to make one',
    });
  const description = parseDescription(await readJson(descriptionPath, files), descriptionPath);
  checkSections(description, descriptionPath);
  const referenced = (file: string, field: string) => readReferenced(path, file, field, descriptionPath, files);
  const folder: DetectorFolder = {
    path,
    descriptionPath,
    description,
    model: await referenced(description.file, 'file'),
    graphPath: joinPath(path, description.file),
  };
  if (description.text) {
    const { tokenizer } = description.text;
    await referenced(tokenizer, 'text.tokenizer');
    const configPath = joinPath(path, 'tokenizer_config.json');
    folder.text = {
      description: description.text,
      path: joinPath(path, tokenizer),
      tokenizer: await readJson(joinPath(path, tokenizer), files),
      tokenizerConfig: (await files.stat(configPath)) ? await readJson(configPath, files) : {},
    };
  }
  if (description.classes !== undefined) {
    const bytes = await referenced(description.classes, 'classes');
    folder.classes = { path: joinPath(path, description.classes), names: classNames(bytes) };
    checkSynonyms(description.synonyms, folder.classes, descriptionPath);
  }
  return folder;
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

function parseDescription(json: object, path: string): DetectorDescription {
  const parsed = detectorSchema.safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue.path.join('.');
  const found = issue.input === undefined ? 'nothing' : (JSON.stringify(issue.input) ?? String(issue.input));
  throw new LangfieldError({
    file: path,
    field: field === '' ? undefined : field,
    problem: issue.message.replace(/^Invalid input: /, '').replace(/\.$/, ''),
    found: issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : found.slice(0, 80),
    expected: field === 'decoding.kind' ? 'fastestdet, boxes, rows or queries' : undefined,
    advice: 'The fields are explained in docs/detectors.md',
  });
}

/** A file that detector.json names: the error says which field named it. */
async function readReferenced(
  folder: string,
  file: string,
  field: string,
  descriptionPath: string,
  files: FileSystem,
): Promise<Uint8Array> {
  const path = joinPath(folder, file);
  if (!(await files.stat(path)))
    throw new LangfieldError({
      file: descriptionPath,
      field,
      problem: 'names a file that does not exist',
      found: file,
      expected: `a file at ${path}`,
      advice: 'Copy the whole detector folder again',
    });
  return files.readBytes(path);
}

async function readJson(path: string, files: FileSystem): Promise<object> {
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
