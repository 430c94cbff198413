/**
 * The description of a scene: which grids, which heads, how many samples. Engines build themselves from it,
 * checkpoints carry it. Sizes and defaults follow spec §1.9 (lite, base, big), §4 and cpu-benchmark (small).
 */

/** Multi-resolution hash grid, tcnn conventions (spec §2.2). */
export interface HashGridConfig {
  levels: number;
  /** Features per level: 2, 4 or 8. */
  features: number;
  /** log2 of the largest table of one level. */
  log2Entries: number;
  baseResolution: number;
  maxResolution: number;
}

/**
 * How linear layers get biases. 'padding': tcnn's quirk – the first layer's input is padded with ones to a multiple
 * of 16, which is one bias with (number of ones) times the learning rate (spec §2.3, savings A10). 'every-layer' is
 * nerfstudio's torch fallback, kept for parity with recorded vectors.
 */
export type BiasRule = 'padding' | 'every-layer' | 'none';

export interface ProposalConfig {
  grid: HashGridConfig;
  hiddenWidth: number;
  /** Samples per ray that this network is evaluated on. */
  samples: number;
}

export interface RadianceConfig {
  /** Coarse to fine. */
  proposals: ProposalConfig[];
  /** Final samples per ray. */
  samples: number;
  grid: HashGridConfig;
  densityWidth: number;
  /** Outputs of the density MLP beside log-density. */
  geometryFeatures: number;
  colourWidth: number;
  /** Hidden layers of the colour MLP. */
  colourLayers: number;
  /** Width of the appearance embedding, 0 = none. */
  appearanceWidth: number;
  poseRefinement: boolean;
  averageInitDensity: number;
  /** Scene units; near is used in training, queries start at 0 (spec §4.3). */
  near: number;
  far: number;
  biases: BiasRule;
}

export interface LanguageConfig {
  /** Name of this field within the run, e.g. the prior it was trained with: "panoptic", "none". */
  name: string;
  grids: HashGridConfig[];
  hiddenWidth: number;
  /** Hidden layers of the CLIP head. */
  hiddenLayers: number;
  /** Width of the image-text embedding. */
  clipDim: number;
  /** Width of the dense features, 0 = no DINO head. */
  dinoDim: number;
  dinoWidth: number;
  /** Samples with the largest weights that the field is evaluated on, per ray. */
  samples: number;
  biases: BiasRule;
}

export interface SceneConfig {
  radiance: RadianceConfig;
  languages: LanguageConfig[];
  /** Training cameras (rows of the pose and appearance tables). */
  cameras: number;
}

/** Loss weights (spec §2.6, §4.6). */
export const lossWeights = {
  interlevel: 1,
  distortion: 0.002,
  poseTranslation: 1e-2,
  poseRotation: 1e-3,
  clip: 0.1,
  huberDelta: 1.25,
} as const;

export type PresetName = 'small' | 'lite' | 'base' | 'big';

const grid = (
  levels: number,
  features: number,
  log2Entries: number,
  baseResolution: number,
  maxResolution: number,
): HashGridConfig => ({ levels, features, log2Entries, baseResolution, maxResolution });

function nerfactoRadiance(): RadianceConfig {
  return {
    proposals: [
      { grid: grid(5, 2, 17, 16, 128), hiddenWidth: 16, samples: 256 },
      { grid: grid(5, 2, 17, 16, 256), hiddenWidth: 16, samples: 96 },
    ],
    samples: 48,
    grid: grid(16, 2, 19, 16, 2048),
    densityWidth: 64,
    geometryFeatures: 15,
    colourWidth: 64,
    colourLayers: 2,
    appearanceWidth: 32,
    poseRefinement: true,
    averageInitDensity: 1,
    near: 0.05,
    far: 1000,
    biases: 'padding',
  };
}

function smallRadiance(): RadianceConfig {
  return {
    ...nerfactoRadiance(),
    proposals: [
      { grid: grid(5, 2, 14, 16, 64), hiddenWidth: 16, samples: 64 },
      { grid: grid(5, 2, 14, 16, 128), hiddenWidth: 16, samples: 48 },
    ],
    samples: 32,
    grid: grid(8, 2, 15, 16, 1024),
    appearanceWidth: 0,
  };
}

const languageGrids: Record<PresetName, HashGridConfig[]> = {
  small: [grid(8, 4, 15, 16, 128), grid(8, 4, 15, 128, 512)],
  lite: [grid(16, 8, 19, 16, 512)],
  base: [grid(12, 8, 19, 16, 128), grid(12, 8, 19, 128, 512)],
  big: [grid(16, 8, 19, 16, 128), grid(16, 8, 19, 128, 512)],
};
const languageSamples: Record<PresetName, number> = { small: 12, lite: 12, base: 24, big: 32 };

export interface LanguageDemand {
  name: string;
  clipDim: number;
  dinoDim: number;
}

/** The field description of a preset for given encoder widths. */
export function presetConfig(preset: PresetName, cameras: number, languages: LanguageDemand[]): SceneConfig {
  const small = preset === 'small';
  return {
    radiance: small ? smallRadiance() : nerfactoRadiance(),
    languages: languages.map(({ name, clipDim, dinoDim }) => ({
      name,
      grids: languageGrids[preset],
      hiddenWidth: small ? 128 : 256,
      hiddenLayers: small ? 2 : 4,
      clipDim,
      dinoDim,
      dinoWidth: small ? 128 : 256,
      samples: languageSamples[preset],
      biases: 'padding',
    })),
    cameras,
  };
}
