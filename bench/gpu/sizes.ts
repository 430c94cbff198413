/** Scenes that `bench gpu` measures: LERF's three sizes, the CPU's, and one small enough for a software adapter. */
import { type PresetName, presetConfig, type HashGridConfig, type SceneConfig } from '../../src/field/config.ts';
import { benchCameras } from '../scene.ts';

export const sizeNames = ['tiny', 'small', 'lite', 'base', 'big'] as const;
export type SizeName = (typeof sizeNames)[number];

export interface BenchSize {
  name: SizeName;
  config: SceneConfig;
  /** Rays of a training step. */
  rays: number;
  /** Of the queried view, pixels. */
  width: number;
  height: number;
  /** Scales of a sweep. */
  scales: number;
  /** Scale of the ceilings' work: 1 on a GPU. */
  ceilingShare: number;
}

const shrunk = (grid: HashGridConfig): HashGridConfig => ({ ...grid, levels: 2, log2Entries: 8 });

function tinyScene(): SceneConfig {
  const { radiance, languages } = presetConfig('small', benchCameras, [{ name: 'panoptic', clipDim: 32, dinoDim: 16 }]);
  return {
    cameras: benchCameras,
    radiance: {
      ...radiance,
      proposals: radiance.proposals.map((proposal) => ({ ...proposal, grid: shrunk(proposal.grid), samples: 16 })),
      samples: 8,
      grid: shrunk(radiance.grid),
      densityWidth: 16,
      colourWidth: 16,
    },
    languages: languages.map((language) => ({
      ...language,
      grids: language.grids.map(shrunk),
      hiddenWidth: 32,
      dinoWidth: 32,
      samples: 4,
    })),
  };
}

/** ViT-L/14 has 768 numbers, ViT-B/16 has 512; DINO ViT-S/8 has 384 (spec §1.9). */
const presetScene = (name: PresetName): SceneConfig =>
  presetConfig(name, benchCameras, [{ name: 'panoptic', clipDim: name === 'big' ? 768 : 512, dinoDim: 384 }]);

export function benchSize(name: SizeName): BenchSize {
  if (name === 'tiny')
    return { name, config: tinyScene(), rays: 4, width: 6, height: 4, scales: 2, ceilingShare: 1 / 2 ** 15 };
  return { name, config: presetScene(name), rays: 4096, width: 512, height: 298, scales: 30, ceilingShare: 1 };
}
