/**
 * The Detector of a detector folder. Opening runs the graph once on a grey picture, so that a folder whose graph
 * disagrees with its detector.json is refused at once and by name, before anything long begins.
 */
import { type CheckedGraph, fixedBatch } from '../encoders/graph.ts';
import type { InferenceRuntime, TensorInput } from '../encoders/inference-runtime.ts';
import { createPictureInput, type PictureInput, pictureTensors } from '../encoders/picture-input.ts';
import { createTokeniser } from '../encoders/tokenizer.ts';
import { LangfieldError } from '../errors.ts';
import type { FileSystem, Image } from '../platform/platform.ts';
import { classesOfPhrase } from './class-phrases.ts';
import { decodeOutputs, decodingContext, outputsOf, type ScoredBoxes } from './decoding.ts';
import type { Detection, Detector } from './detector.ts';
import { type DetectorFolder, readDetectorFolder } from './detector-folder.ts';
import { loadDetectorGraph } from './detector-graph.ts';
import { selectDetections } from './select-boxes.ts';

/** Faults of the folder are LangfieldErrors naming file, field, found and expected. */
export async function openDetector(
  path: string,
  files: FileSystem,
  runtime: InferenceRuntime,
  options: { threads?: number } = {},
): Promise<Detector> {
  const folder = await readDetectorFolder(path, files);
  const graph = await loadDetectorGraph(folder, runtime, outputsOf(folder.description.decoding), options.threads);
  try {
    const detector = folder.text ? zeroShotDetector(folder, folder.text, graph) : closedSetDetector(folder, graph);
    await detector.probe();
    return detector;
  } catch (error) {
    await graph.close();
    throw error;
  }
}

interface ProbedDetector extends Detector {
  probe(): Promise<unknown>;
}

const greyPicture: Image = { width: 8, height: 8, channels: 3, data: new Uint8Array(192).fill(128) };

function closedSetDetector(folder: DetectorFolder, graph: CheckedGraph): ProbedDetector {
  const { name, image, synonyms } = folder.description;
  const names = folder.classes?.names ?? [];
  const classesOf = classesOfPhrase(names, synonyms);
  const prepare = createPictureInput(image);
  const run = (input: PictureInput) => runGraph(folder, graph, input, {}, names.length);
  return {
    name,
    expresses: (phrase) => classesOf(phrase).length > 0,
    async detect(photo, phrases) {
      const input = prepare(photo);
      const boxes = await run(input);
      return phrases.map((phrase) => detectionsOf(folder, boxes, classesOf(phrase), input, photo));
    },
    probe: () => run(prepare(greyPicture)),
    close: () => graph.close(),
  };
}

/** A graph with a fixed number of phrases is run as often as it takes; unused rows are padding. */
function zeroShotDetector(
  folder: DetectorFolder,
  text: NonNullable<DetectorFolder['text']>,
  graph: CheckedGraph,
): ProbedDetector {
  const tokenise = createTokeniser({ ...text.description, ...text });
  const prepare = createPictureInput(folder.description.image);
  const { input: idsInput, maskInput, contextLength, padId } = text.description;
  const fixedRows = fixedBatch(graph, idsInput);
  const tensor = (name: string, values: Int32Array, rows: number, filler: number): TensorInput => {
    const data = new Int32Array(rows * contextLength).fill(filler);
    data.set(values);
    return { type: graph.typeOf(name) === 'int32' ? 'int32' : 'int64', data, shape: [rows, contextLength] };
  };
  const detect = async (photo: Image, phrases: readonly string[]): Promise<Detection[][]> => {
    const picture = prepare(photo);
    const found: Detection[][] = [];
    while (found.length < phrases.length) {
      const part = phrases.slice(found.length, fixedRows && found.length + fixedRows);
      const rows = fixedRows ?? part.length;
      const { ids, mask } = tokenise(part);
      const inputs = { [idsInput]: tensor(idsInput, ids, rows, padId) };
      if (maskInput !== undefined) inputs[maskInput] = tensor(maskInput, mask, rows, 0);
      const boxes = await runGraph(folder, graph, picture, inputs, rows);
      found.push(...part.map((_, column) => detectionsOf(folder, boxes, [column], picture, photo)));
    }
    return found;
  };
  return {
    name: folder.description.name,
    expresses: () => true,
    detect,
    probe: () => detect(greyPicture, ['object']),
    close: () => graph.close(),
  };
}

async function runGraph(
  folder: DetectorFolder,
  graph: CheckedGraph,
  picture: PictureInput,
  more: Record<string, TensorInput>,
  columns: number,
): Promise<ScoredBoxes> {
  const { image, decoding } = folder.description;
  const outputs = await graph.run(
    { ...pictureTensors(image, picture, graph.typeOf), ...more },
    outputsOf(decoding).map(({ name }) => name),
  );
  const boxes = decodeOutputs(decoding, outputs, decodingContext(folder, columns, picture));
  if (![boxes.corners, boxes.scores].every((values) => values.every(Number.isFinite)))
    throw new LangfieldError({
      file: graph.path,
      problem: 'the graph returned boxes or scores that are no numbers',
      found: 'NaN or infinity',
      expected: 'finite numbers',
      advice: 'Check mean, std and the export of the graph',
    });
  return boxes;
}

function detectionsOf(
  { description: { scoreThreshold, nms, labels, decoding } }: DetectorFolder,
  boxes: ScoredBoxes,
  columns: readonly number[],
  { placement }: PictureInput,
  photo: Image,
): Detection[] {
  if (columns.length === 0) return [];
  // Phrases do not compete for a box: each is asked for itself.
  const bestColumnOnly = labels === 'best' && decoding.kind !== 'queries';
  return selectDetections(
    boxes,
    columns,
    { threshold: scoreThreshold, nmsIou: nms?.iou, bestColumnOnly },
    placement,
    photo,
  );
}
