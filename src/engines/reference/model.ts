/**
 * What the reference engine builds from a scene description: the parameter list, and the encodings of positions and
 * directions in the conventions of that scene. Normally those are tcnn's (spec §2.2, §4.1).
 *
 * `ParityOptions` switch to what nerfstudio's torch fallback does instead (spec §7 trap 13). They exist only so that
 * numbers recorded from it can be compared; no run uses them and no other engine has them.
 */
import type { HashGridConfig, SceneConfig } from '../../field/config.ts';
import type { ParameterInfo } from '../../field/parameters.ts';
import { describeParameters } from '../../field/parameters.ts';
import { encodeHashGrid, encodeHashGridBackward } from '../../ops/hash-grid/hash-grid.ts';
import type { HashGridGradients } from '../../ops/hash-grid/interpolation.ts';
import { encodeTorchHashGrid, encodeTorchHashGridBackward, torchEntries } from '../../ops/hash-grid/torch-hash-grid.ts';
import type { LinearLayer, MlpGradients } from '../../ops/mlp/mlp.ts';
import { sphericalHarmonics, sphericalHarmonicsBackward } from '../../ops/spherical-harmonics/spherical-harmonics.ts';
import type { Tensors } from './tensors.ts';
import { addGradient, tensorOf } from './tensors.ts';

/** For recorded vectors only; every option is off in a normal engine. */
export interface ParityOptions {
  /** Hash grids of nerfstudio's torch fallback, which also have other tables: [levels * 2^T, features]. */
  torchHashGrid?: boolean;
  /** Spherical harmonics in torch's signs at (d + 1) / 2, without a gradient to the direction. */
  mappedDirections?: boolean;
  /** Training places samples as evaluation does, without the batch's jitter. */
  withoutJitter?: boolean;
}

export interface Model {
  config: SceneConfig;
  parity: ParityOptions;
  /** By name, in checkpoint order. */
  parameters: Map<string, ParameterInfo>;
}

/** The grids of a scene by the name of their table. */
function gridsByName({ radiance, languages }: SceneConfig): Map<string, HashGridConfig> {
  const grids = new Map([['radiance.grid', radiance.grid]]);
  radiance.proposals.forEach(({ grid }, index) => {
    grids.set(`proposal.${index}.grid`, grid);
  });
  for (const language of languages)
    language.grids.forEach((grid, index) => {
      grids.set(`language.${language.name}.grid.${index}`, grid);
    });
  return grids;
}

export function buildModel(config: SceneConfig, parity: ParityOptions = {}): Model {
  if (config.radiance.proposals.length > 2)
    throw new RangeError('a training batch carries jitter for two proposal networks at most');
  const grids = gridsByName(config);
  const parameters = describeParameters(config).map((info) => {
    const grid = grids.get(info.name);
    if (!grid || !parity.torchHashGrid) return info;
    const shape = [torchEntries(grid), grid.features];
    return { ...info, shape, size: shape[0] * shape[1] };
  });
  return { config, parity, parameters: new Map(parameters.map((info) => [info.name, info])) };
}

/** Grid coordinates [points, 3] to features [points, levels * features]. */
export function encodePositions(
  { parity }: Model,
  grid: HashGridConfig,
  coordinates: Float64Array,
  table: Float64Array,
): Float64Array {
  const encode = parity.torchHashGrid ? encodeTorchHashGrid : encodeHashGrid;
  return encode(grid, coordinates, table);
}

export function encodePositionsBackward(
  { parity }: Model,
  grid: HashGridConfig,
  coordinates: Float64Array,
  table: Float64Array,
  gradEncoded: Float64Array,
): HashGridGradients {
  const backward = parity.torchHashGrid ? encodeTorchHashGridBackward : encodeHashGridBackward;
  return backward(grid, coordinates, table, gradEncoded);
}

/** Unit directions [rays, 3] to spherical harmonics [rays, 16]. */
export function encodeDirections({ parity }: Model, directions: Float64Array): Float64Array {
  if (!parity.mappedDirections) return sphericalHarmonics(directions);
  const mapped = sphericalHarmonics(directions.map((component) => (component + 1) / 2));
  return mapped.map((value, index) => (index % 2 === 0 ? value : -value));
}

export function encodeDirectionsBackward(
  { parity }: Model,
  directions: Float64Array,
  gradHarmonics: Float64Array,
): Float64Array {
  if (parity.mappedDirections) return new Float64Array(directions.length);
  return sphericalHarmonicsBackward(directions, gradHarmonics);
}

/** The layers `<prefix>.0`, `<prefix>.1`, … with their weights and biases. */
export function layersOf({ parameters }: Model, tensors: Tensors, prefix: string): LinearLayer[] {
  const layers: LinearLayer[] = [];
  for (;;) {
    const name = `${prefix}.${layers.length}`;
    const info = parameters.get(`${name}.weight`);
    if (!info) return layers;
    const [inputs, outputs] = info.shape;
    layers.push({ inputs, outputs, weight: tensorOf(tensors, info.name), bias: tensors.get(`${name}.bias`) });
  }
}

export function addLayerGradients(gradients: Tensors, prefix: string, { gradWeights, gradBiases }: MlpGradients): void {
  gradWeights.forEach((gradWeight, layer) => {
    addGradient(gradients, `${prefix}.${layer}.weight`, gradWeight);
    const gradBias = gradBiases[layer];
    if (gradBias) addGradient(gradients, `${prefix}.${layer}.bias`, gradBias);
  });
}
