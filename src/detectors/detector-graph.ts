/** The graph of a detector folder, held against detector.json: picture, mask and phrases in, named float outputs out. */
import { type CheckedGraph, type ExpectedPort, loadCheckedGraph } from '../encoders/graph.ts';
import type { InferenceRuntime } from '../encoders/inference-runtime.ts';
import { pictureInputPorts } from '../encoders/picture-input.ts';
import { baseName } from '../platform/platform.ts';
import type { DetectorFolder } from './detector-folder.ts';

export function loadDetectorGraph(
  { graphPath, descriptionPath, model, description: { image, text } }: DetectorFolder,
  runtime: InferenceRuntime,
  outputs: readonly { field: string; name: string }[],
  threads?: number,
): Promise<CheckedGraph> {
  const inputs: ExpectedPort[] = pictureInputPorts(image);
  if (text) {
    const types = ['int64', 'int32'];
    const shape = [undefined, { size: text.contextLength, field: 'text.contextLength' }];
    inputs.push({ field: 'text.input', name: text.input, types, shape });
    if (text.maskInput !== undefined) inputs.push({ field: 'text.maskInput', name: text.maskInput, types, shape });
  }
  return loadCheckedGraph(
    { path: graphPath, model, description: baseName(descriptionPath) },
    runtime,
    threads,
    inputs,
    // Exports often leave the shapes free: they are checked on results (decoding.ts).
    outputs.map((output) => ({ ...output, types: ['float32'] })),
  );
}
