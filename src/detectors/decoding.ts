/**
 * From the outputs of a graph to boxes and scores. A decoding names the outputs it reads and turns them into
 * `ScoredBoxes`: corners in pixels of the graph's input and a score per box and column (class, or phrase). The shapes
 * are checked here, on real results, because exported graphs often leave them free.
 */
import type { TensorOutput } from '../encoders/inference-runtime.ts';
import type { PictureSize } from '../encoders/picture-input.ts';
import { LangfieldError } from '../errors.ts';
import { decodeFastestDet } from './decode-fastestdet.ts';
import { decodeBoxes, decodeQueries, decodeRows } from './decode-tensors.ts';
import type { DetectorDecoding, DetectorFolder } from './detector-folder.ts';

export interface ScoredBoxes {
  count: number;
  /** [count, 4] x0, y0, x1, y1 in pixels of the input */
  corners: Float32Array;
  /** Classes or phrases. */
  columns: number;
  /** [count, columns] */
  scores: Float32Array;
}

/** What a decoding knows beside the outputs. */
export interface DecodingContext {
  /** Size of the graph's input. */
  width: number;
  height: number;
  /** How many columns the scores must have. */
  columns: number;
  /** For a tensor of the wrong shape. `field` is the field of detector.json that names the output. */
  shapeFault(field: string, output: TensorOutput, expected: string): LangfieldError;
  /** For scores of another number of columns than asked for. */
  columnFault(found: number): LangfieldError;
}

/** Output names of a decoding with the fields that name them, in the order in which `decodeOutputs` wants results. */
export function outputsOf(decoding: DetectorDecoding): { field: string; name: string }[] {
  const named = (fields: Record<string, string | undefined>) =>
    Object.entries(fields).flatMap(([field, name]) =>
      name === undefined ? [] : [{ field: `decoding.${field}`, name }],
    );
  if (decoding.kind === 'boxes')
    return named({ boxes: decoding.boxes, scores: decoding.scores, objectness: decoding.objectness });
  if (decoding.kind === 'queries') return named({ boxes: decoding.boxes, logits: decoding.logits });
  return named({ output: decoding.output });
}

export function decodeOutputs(
  decoding: DetectorDecoding,
  outputs: readonly TensorOutput[],
  context: DecodingContext,
): ScoredBoxes {
  switch (decoding.kind) {
    case 'fastestdet':
      return decodeFastestDet(outputs[0], context);
    case 'boxes':
      return decodeBoxes(decoding, outputs, context);
    case 'rows':
      return decodeRows(decoding, outputs[0], context);
    case 'queries':
      return decodeQueries(outputs, context);
  }
}

/** `input` is the picture that the graph saw. */
export function decodingContext(
  { graphPath, description, classes }: DetectorFolder,
  columns: number,
  input: PictureSize,
): DecodingContext {
  return {
    width: input.width,
    height: input.height,
    columns,
    shapeFault: (field, { shape }, expected) =>
      new LangfieldError({
        file: graphPath,
        field,
        problem: `the graph returned something that is no output of decoding "${description.decoding.kind}"`,
        found: `[${shape.join(', ')}]`,
        expected,
        advice: 'Correct detector.json or export the graph again',
      }),
    columnFault: (found) =>
      classes
        ? new LangfieldError({
            file: classes.path,
            field: 'classes',
            problem: 'the file does not have as many lines as the graph has classes',
            found: `${columns} names`,
            expected: `${found}, by the graph ${graphPath}`,
            advice: 'Take the class file that the graph was trained with, or correct "decoding" in detector.json',
          })
        : new LangfieldError({
            file: graphPath,
            problem: 'the graph answered another number of phrases than it was asked',
            found: `${found}`,
            expected: `${columns}`,
            advice: 'Export the graph with logits [1, patches, phrases]',
          }),
  };
}
