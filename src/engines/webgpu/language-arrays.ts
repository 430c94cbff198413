/** The arrays of a language field on the GPU: sizes from its description, what it asks of the memory plan. */
import type { LanguageConfig } from '../../field/config.ts';
import { gridWidth } from '../../field/parameters.ts';
import { dinoNeeds, dinoRequests } from './dino-head.ts';
import type { ArrayRequests } from './memory-plan.ts';
import { perceptronNeeds, stageRequests } from './perceptron.ts';
import { partialsLength, type ScratchNeeds } from './scratch.ts';

/** Sizes that the arrays of a field follow from. */
export interface LanguageShape {
  /** Samples per ray: no more than the final round has. */
  chosen: number;
  /** Width of the concatenated grids, and row length of the head's inputs: the scale comes after the grids. */
  encoded: number;
  stride: number;
  /** Of the last hidden layer, and of the embedding. */
  width: number;
  dim: number;
  /** [inputs, hidden …] of the CLIP head without its last layer. */
  hiddenWidths: number[];
}

export function languageShape(language: LanguageConfig, finalSamples: number): LanguageShape {
  const encoded = gridWidth(language.grids);
  const { hiddenWidth, hiddenLayers, clipDim, samples } = language;
  return {
    chosen: Math.min(samples, finalSamples),
    encoded,
    stride: Math.ceil((encoded + 1) / 4) * 4,
    width: hiddenWidth,
    dim: clipDim,
    hiddenWidths: [encoded + 1, ...Array.from({ length: hiddenLayers }, () => hiddenWidth)],
  };
}

export type LanguageArrayName =
  | 'coordinates'
  | 'weights'
  | 'inputs'
  | 'gram'
  | 'gramHidden'
  | 'norms'
  | 'squares'
  | 'lengths'
  | 'rayHidden'
  | 'gramRayHidden'
  | 'projected'
  | 'towardsSelf'
  | 'symmetric';

/** Lengths of the arrays of a field with so many rays. */
export function languageArrayLengths(
  { chosen, stride, width }: LanguageShape,
  rays: number,
): Record<LanguageArrayName, number> {
  const points = rays * chosen;
  return {
    coordinates: points * 3,
    weights: points,
    inputs: points * stride,
    gram: width * width,
    gramHidden: points * width,
    norms: points,
    squares: rays,
    lengths: rays * 2,
    rayHidden: rays * width,
    gramRayHidden: rays * width,
    projected: rays * width,
    towardsSelf: rays * width,
    symmetric: width * width,
  };
}

export const languagePrefix = ({ name }: LanguageConfig): string => `language.${name}`;

export function languageRequests(language: LanguageConfig, finalSamples: number, rays: number): ArrayRequests {
  const shape = languageShape(language, finalSamples);
  const name = `${languagePrefix(language)}.work`;
  const points = rays * shape.chosen;
  const requests: ArrayRequests = { [`${name}.indices`]: { scalar: 'u32', length: points, purpose: 'activations' } };
  for (const [array, length] of Object.entries(languageArrayLengths(shape, rays)))
    requests[`${name}.${array}`] = { scalar: 'f32', length, purpose: 'activations' };
  return {
    ...requests,
    ...stageRequests(`${name}.clip`, points, shape.hiddenWidths),
    ...dinoRequests(`${name}.dino`, language, rays, shape.chosen),
  };
}

export function languageNeeds(language: LanguageConfig, finalSamples: number, rays: number): Partial<ScratchNeeds>[] {
  const { chosen, stride, width, dim, hiddenWidths } = languageShape(language, finalSamples);
  const points = rays * chosen;
  const lastLayer = Math.max(partialsLength(rays, width, dim), (width + 1) * dim);
  const squares = Math.max(partialsLength(points, width, width), partialsLength(rays, width, width));
  return [
    perceptronNeeds(points, hiddenWidths),
    { gradHidden: points * width, gradEncoded: points * stride, partials: Math.max(lastLayer, squares) },
    ...(language.dinoDim > 0 ? [{ gradEncodedOther: points * stride }, ...dinoNeeds(language, rays, chosen)] : []),
  ];
}
