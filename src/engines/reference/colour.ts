/**
 * The colour head (spec §4.1): spherical harmonics of the ray's direction, geometry features of the sample and the
 * camera's appearance through an MLP with sigmoid outputs, composited over the last sample's colour (§4.6).
 */
import { mlpBackward, mlpForward } from '../../ops/mlp/mlp.ts';
import { compositeColour, compositeColourBackward, sigmoid } from '../../ops/volume-rendering/volume-rendering.ts';
import type { Model } from './model.ts';
import { addLayerGradients, encodeDirections, encodeDirectionsBackward, layersOf } from './model.ts';
import type { RayGradients, Rays, Round } from './rounds.ts';
import { rowOf } from './rounds.ts';
import type { Tensors } from './tensors.ts';
import { addGradient, tensorOf } from './tensors.ts';

const harmonicsWidth = 16;

export interface Shading {
  activations: Float64Array[];
  /** [rays, samples, 3] */
  colours: Float64Array;
  /** [rays, 3] sRGB; not clamped */
  rgb: Float64Array;
}

/** Appearance of each ray in training: its camera's row. [rays, appearanceWidth] */
export function cameraAppearance({ config }: Model, tensors: Tensors, cameras: Uint32Array): Float64Array {
  const width = config.radiance.appearanceWidth;
  const rows = new Float64Array(cameras.length * width);
  if (width === 0) return rows;
  const table = tensorOf(tensors, 'radiance.appearance');
  cameras.forEach((camera, ray) => {
    rows.set(rowOf(table, camera, width), ray * width);
  });
  return rows;
}

/** Appearance in evaluation: the mean over the training cameras, for every ray. */
export function meanAppearance({ config }: Model, tensors: Tensors, rays: number): Float64Array {
  const width = config.radiance.appearanceWidth;
  if (width === 0) return new Float64Array(0);
  const mean = new Float64Array(width);
  tensorOf(tensors, 'radiance.appearance').forEach((value, index) => {
    mean[index % width] += value / config.cameras;
  });
  return Float64Array.from({ length: rays * width }, (_, index) => mean[index % width]);
}

/**
 * Colours of the final round and of the rays.
 * @param appearance [rays, appearanceWidth]
 */
export function shade(model: Model, tensors: Tensors, rays: Rays, final: Round, appearance: Float64Array): Shading {
  const { geometryFeatures, appearanceWidth } = model.config.radiance;
  const { samples } = final;
  const harmonics = encodeDirections(model, rays.directions);
  const width = harmonicsWidth + geometryFeatures + appearanceWidth;
  const inputs = new Float64Array(rays.count * samples * width);
  for (let sample = 0; sample < rays.count * samples; sample++) {
    const ray = Math.floor(sample / samples);
    const start = sample * width;
    inputs.set(rowOf(harmonics, ray, harmonicsWidth), start);
    inputs.set(rowOf(final.evaluation.geometry, sample, geometryFeatures), start + harmonicsWidth);
    inputs.set(rowOf(appearance, ray, appearanceWidth), start + harmonicsWidth + geometryFeatures);
  }
  const activations = mlpForward(layersOf(model, tensors, 'radiance.colour'), inputs);
  const colours = activations[activations.length - 1].map(sigmoid);
  const rgb = new Float64Array(rays.count * 3);
  for (let ray = 0; ray < rays.count; ray++)
    rgb.set(compositeColour(rowOf(final.weights, ray, samples), rowOf(colours, ray, samples * 3)), ray * 3);
  return { activations, colours, rgb };
}

/**
 * Backward of `shade` in training: adds the gradients of the head, the appearance rows and the ray directions.
 * @param gradRgb [rays, 3]
 * @returns gradients to the final round's weights [rays, samples] and geometry [rays, samples, geometryFeatures]
 */
export function shadeBackward(
  model: Model,
  tensors: Tensors,
  gradients: Tensors,
  rays: Rays,
  cameras: Uint32Array,
  final: Round,
  shading: Shading,
  gradRgb: Float64Array,
  { gradDirections }: RayGradients,
): { gradWeights: Float64Array; gradGeometry: Float64Array } {
  const { geometryFeatures, appearanceWidth } = model.config.radiance;
  const { samples } = final;
  const gradWeights = new Float64Array(rays.count * samples);
  const gradOutputs = new Float64Array(rays.count * samples * 3);
  for (let ray = 0; ray < rays.count; ray++) {
    const weights = rowOf(final.weights, ray, samples);
    const colours = rowOf(shading.colours, ray, samples * 3);
    const composite = compositeColourBackward(weights, colours, rowOf(gradRgb, ray, 3));
    gradWeights.set(composite.gradWeights, ray * samples);
    gradOutputs.set(
      composite.gradColours.map((value, index) => value * colours[index] * (1 - colours[index])),
      ray * samples * 3,
    );
  }
  const mlp = mlpBackward(layersOf(model, tensors, 'radiance.colour'), shading.activations, gradOutputs);
  addLayerGradients(gradients, 'radiance.colour', mlp);

  const width = harmonicsWidth + geometryFeatures + appearanceWidth;
  const gradHarmonics = new Float64Array(rays.count * harmonicsWidth);
  const gradGeometry = new Float64Array(rays.count * samples * geometryFeatures);
  const gradTable = new Float64Array(model.config.cameras * appearanceWidth);
  for (let sample = 0; sample < rays.count * samples; sample++) {
    const ray = Math.floor(sample / samples);
    const gradInput = rowOf(mlp.gradInputs, sample, width);
    for (let k = 0; k < harmonicsWidth; k++) gradHarmonics[ray * harmonicsWidth + k] += gradInput[k];
    gradGeometry.set(gradInput.subarray(harmonicsWidth, harmonicsWidth + geometryFeatures), sample * geometryFeatures);
    for (let k = 0; k < appearanceWidth; k++)
      gradTable[cameras[ray] * appearanceWidth + k] += gradInput[harmonicsWidth + geometryFeatures + k];
  }
  if (appearanceWidth > 0) addGradient(gradients, 'radiance.appearance', gradTable);
  encodeDirectionsBackward(model, rays.directions, gradHarmonics).forEach((value, index) => {
    gradDirections[index] += value;
  });
  return { gradWeights, gradGeometry };
}
