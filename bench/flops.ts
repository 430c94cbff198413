/** Floating-point operations of the dense layers as the CPU engine runs them, with the exact savings (1 MAC = 2). */
import type { LanguageConfig, RadianceConfig, SceneConfig } from '../src/field/config.ts';
import { gridWidth } from '../src/field/parameters.ts';

function proposalMacs({ proposals }: RadianceConfig, updateShare: number): number {
  return proposals.reduce((sum, { grid, hiddenWidth, samples }) => {
    const forward = samples * (gridWidth([grid]) * hiddenWidth + hiddenWidth);
    return sum + forward * (1 + 2 * updateShare);
  }, 0);
}

function radianceMacs(radiance: RadianceConfig): number {
  const { samples, densityWidth, geometryFeatures, colourWidth, colourLayers, appearanceWidth } = radiance;
  const density = gridWidth([radiance.grid]) * densityWidth + densityWidth * (1 + geometryFeatures);
  const colour = geometryFeatures * colourWidth + (colourLayers - 1) * colourWidth ** 2 + colourWidth * 3;
  return 3 * (samples * (density + colour) + (16 + appearanceWidth) * colourWidth);
}

function languageMacs({
  grids,
  hiddenWidth: h,
  hiddenLayers,
  clipDim,
  dinoDim,
  dinoWidth,
  samples,
}: LanguageConfig): number {
  const encoded = gridWidth(grids);
  const hidden = (encoded + 1) * h + (hiddenLayers - 1) * h * h;
  const perSample = 3 * hidden + 2 * h * h;
  const perRay = 2 * clipDim * h + 2 * h * h;
  const dino = dinoDim > 0 ? samples * 3 * encoded * dinoWidth + 3 * dinoWidth * dinoDim : 0;
  return samples * perSample + perRay + dino;
}

/** Of one joint step. */
export function stepFlops(config: SceneConfig, rays: number, updateShare: number): number {
  const { radiance, languages } = config;
  const perRay = proposalMacs(radiance, updateShare) + radianceMacs(radiance);
  return 2 * rays * (perRay + languages.reduce((sum, language) => sum + languageMacs(language), 0));
}
