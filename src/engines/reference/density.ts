/**
 * Density networks (spec §4.1, §4.2): L∞ contraction, hash grid, MLP, exponential. A proposal network has the density
 * as its only output; the radiance field's network adds geometry features for the colour head.
 */
import type { HashGridConfig } from '../../field/config.ts';
import { cubeCoordinates, cubeCoordinatesBackward } from '../../ops/contraction/contraction.ts';
import { mlpBackward, mlpForward } from '../../ops/mlp/mlp.ts';
import { densityActivation, densityActivationBackward } from '../../ops/volume-rendering/volume-rendering.ts';
import type { Model } from './model.ts';
import { addLayerGradients, encodePositions, encodePositionsBackward, layersOf } from './model.ts';
import type { Tensors } from './tensors.ts';
import { addGradient, tensorOf } from './tensors.ts';

export interface DensityNetwork {
  /** Names of the grid's table and of the MLP's layers. */
  gridName: string;
  mlpName: string;
  grid: HashGridConfig;
  geometryFeatures: number;
}

export interface DensityEvaluation {
  /** [points, 3] scene frame */
  points: Float64Array;
  /** [points, 3] grid coordinates */
  coordinates: Float64Array;
  /** [points] 1 inside the contracted cube */
  selector: Float64Array;
  activations: Float64Array[];
  /** [points] log-density before the initial factor */
  raw: Float64Array;
  /** [points] 1 / scene unit */
  density: Float64Array;
  /** [points, geometryFeatures] */
  geometry: Float64Array;
}

export function proposalNetwork({ config }: Model, index: number): DensityNetwork {
  const { grid } = config.radiance.proposals[index];
  return { gridName: `proposal.${index}.grid`, mlpName: `proposal.${index}.mlp`, grid, geometryFeatures: 0 };
}

export function radianceNetwork({ config }: Model): DensityNetwork {
  const { grid, geometryFeatures } = config.radiance;
  return { gridName: 'radiance.grid', mlpName: 'radiance.density', grid, geometryFeatures };
}

/** @param points [points, 3] scene frame */
export function evaluateDensity(
  model: Model,
  tensors: Tensors,
  network: DensityNetwork,
  points: Float64Array,
): DensityEvaluation {
  const { coordinates, selector } = cubeCoordinates(points);
  const encoded = encodePositions(model, network.grid, coordinates, tensorOf(tensors, network.gridName));
  const activations = mlpForward(layersOf(model, tensors, network.mlpName), encoded);
  const outputs = activations[activations.length - 1];
  const width = 1 + network.geometryFeatures;
  const raw = outputs.filter((_, index) => index % width === 0);
  const geometry = outputs.filter((_, index) => index % width !== 0);
  const density = densityActivation(raw, selector, model.config.radiance.averageInitDensity);
  return { points, coordinates, selector, activations, raw, density, geometry };
}

/**
 * Adds the parameter gradients of one evaluation and returns the gradient to its points.
 * @param gradDensity [points]
 * @param gradGeometry [points, geometryFeatures]
 * @returns [points, 3]
 */
export function evaluateDensityBackward(
  model: Model,
  tensors: Tensors,
  gradients: Tensors,
  network: DensityNetwork,
  evaluation: DensityEvaluation,
  gradDensity: Float64Array,
  gradGeometry: Float64Array,
): Float64Array {
  const { raw, selector, activations, coordinates, points } = evaluation;
  const gradRaw = densityActivationBackward(raw, selector, model.config.radiance.averageInitDensity, gradDensity);
  const features = network.geometryFeatures;
  const gradOutputs = new Float64Array(raw.length * (1 + features));
  gradRaw.forEach((value, point) => {
    gradOutputs[point * (1 + features)] = value;
    gradOutputs.set(gradGeometry.subarray(point * features, (point + 1) * features), point * (1 + features) + 1);
  });
  const mlp = mlpBackward(layersOf(model, tensors, network.mlpName), activations, gradOutputs);
  addLayerGradients(gradients, network.mlpName, mlp);
  const table = tensorOf(tensors, network.gridName);
  const grid = encodePositionsBackward(model, network.grid, coordinates, table, mlp.gradInputs);
  addGradient(gradients, network.gridName, grid.gradTable);
  return cubeCoordinatesBackward(points, grid.gradPositions);
}
