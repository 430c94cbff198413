/**
 * The parameters of a scene, in one fixed order: name, shape, optimiser group, initialisation (spec §2.2, §2.3, §4.1).
 * Linear layers are stored [inputs, outputs], row-major. Grids are stored [entries of all levels, features].
 */
import type { BiasRule, HashGridConfig, LanguageConfig, RadianceConfig, SceneConfig } from './config.ts';
import { hashGridLevels } from '../ops/hash-grid/levels.ts';

export type ParameterGroup = 'proposal' | 'fields' | 'camera' | 'language';

export type Initialisation =
  | { kind: 'zeros' }
  | { kind: 'uniform'; bound: number }
  | { kind: 'normal' }
  /** Sum of `draws` uniform numbers: the bias that stands for `draws` columns of ones. */
  | { kind: 'uniform-sum'; bound: number; draws: number };

export interface ParameterInfo {
  name: string;
  shape: readonly number[];
  group: ParameterGroup;
  init: Initialisation;
  /** Multiplies the learning rate (savings A10). */
  rateFactor: number;
  /** Elements. */
  size: number;
}

/** Named tensors; shapes are those of describeParameters. */
export type TensorMap = Map<string, Float32Array>;

/** Ones that tcnn appends to `inputs` columns. */
export function paddedOnes(inputs: number): number {
  return (16 - (inputs % 16)) % 16;
}

export function gridEntries(grid: HashGridConfig): number {
  return hashGridLevels(grid).reduce((sum, level) => sum + level.entries, 0);
}

export function gridWidth(grids: readonly HashGridConfig[]): number {
  return grids.reduce((sum, { levels, features }) => sum + levels * features, 0);
}

function parameter(
  name: string,
  shape: readonly number[],
  group: ParameterGroup,
  init: Initialisation,
  rateFactor = 1,
): ParameterInfo {
  return { name, shape, group, init, rateFactor, size: shape.reduce((a, b) => a * b, 1) };
}

function gridParameter(name: string, grid: HashGridConfig, group: ParameterGroup): ParameterInfo {
  return parameter(name, [gridEntries(grid), grid.features], group, { kind: 'uniform', bound: 1e-4 });
}

/** Widths [inputs, hidden…, outputs] to weights and biases; Xavier bounds use tcnn's padded widths. */
function mlpParameters(
  prefix: string,
  widths: readonly number[],
  group: ParameterGroup,
  biases: BiasRule,
): ParameterInfo[] {
  const infos: ParameterInfo[] = [];
  const padded = (width: number) => (biases === 'padding' ? width + paddedOnes(width) : width);
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    const [inputs, outputs] = [widths[layer], widths[layer + 1]];
    const bound = Math.sqrt(6 / (padded(inputs) + padded(outputs)));
    infos.push(parameter(`${prefix}.${layer}.weight`, [inputs, outputs], group, { kind: 'uniform', bound }));
    const ones = layer === 0 ? paddedOnes(inputs) : 0;
    if (biases === 'padding' && ones > 0)
      infos.push(
        parameter(`${prefix}.${layer}.bias`, [outputs], group, { kind: 'uniform-sum', bound, draws: ones }, ones),
      );
    if (biases === 'every-layer') infos.push(parameter(`${prefix}.${layer}.bias`, [outputs], group, { kind: 'zeros' }));
  }
  return infos;
}

const repeated = (width: number, times: number): number[] => Array.from({ length: times }, () => width);

/** Inputs of the colour MLP: SH 16, geometry features, appearance. */
export function colourInputs(radiance: RadianceConfig): number {
  return 16 + radiance.geometryFeatures + radiance.appearanceWidth;
}

export function describeRadiance(radiance: RadianceConfig, cameras: number): ParameterInfo[] {
  const infos: ParameterInfo[] = [];
  radiance.proposals.forEach((proposal, index) => {
    infos.push(gridParameter(`proposal.${index}.grid`, proposal.grid, 'proposal'));
    const widths = [gridWidth([proposal.grid]), proposal.hiddenWidth, 1];
    infos.push(...mlpParameters(`proposal.${index}.mlp`, widths, 'proposal', radiance.biases));
  });
  infos.push(gridParameter('radiance.grid', radiance.grid, 'fields'));
  const densityWidths = [gridWidth([radiance.grid]), radiance.densityWidth, 1 + radiance.geometryFeatures];
  infos.push(...mlpParameters('radiance.density', densityWidths, 'fields', radiance.biases));
  const colourWidths = [colourInputs(radiance), ...repeated(radiance.colourWidth, radiance.colourLayers), 3];
  infos.push(...mlpParameters('radiance.colour', colourWidths, 'fields', radiance.biases));
  if (radiance.appearanceWidth > 0)
    infos.push(parameter('radiance.appearance', [cameras, radiance.appearanceWidth], 'fields', { kind: 'normal' }));
  if (radiance.poseRefinement) infos.push(parameter('camera.pose', [cameras, 6], 'camera', { kind: 'zeros' }));
  return infos;
}

export function describeLanguage(language: LanguageConfig): ParameterInfo[] {
  const prefix = `language.${language.name}`;
  const encoded = gridWidth(language.grids);
  const clipWidths = [encoded + 1, ...repeated(language.hiddenWidth, language.hiddenLayers), language.clipDim];
  const infos = language.grids.map((grid, index) => gridParameter(`${prefix}.grid.${index}`, grid, 'language'));
  infos.push(...mlpParameters(`${prefix}.clip`, clipWidths, 'language', language.biases));
  if (language.dinoDim > 0) {
    const dinoWidths = [encoded, language.dinoWidth, language.dinoDim];
    infos.push(...mlpParameters(`${prefix}.dino`, dinoWidths, 'language', language.biases));
  }
  return infos;
}

/** All parameters of a scene, in checkpoint order. */
export function describeParameters(config: SceneConfig): ParameterInfo[] {
  return [...describeRadiance(config.radiance, config.cameras), ...config.languages.flatMap(describeLanguage)];
}
