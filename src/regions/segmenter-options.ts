/**
 * The settings of the built-in segmenter, declared once: default, range and help here, command-line flags and the
 * check of values from it. Lengths are pixels of the working picture, colours CIELAB units, areas shares of the photo.
 */
import { LangfieldError } from '../errors.ts';

export interface SettingDeclaration {
  default: number;
  min: number;
  max: number;
  whole?: true;
  help: string;
}

export const segmenterSettings = {
  workingSide: {
    default: 640,
    min: 64,
    max: 4096,
    whole: true,
    help: 'longer side of the picture that is segmented; photos are shrunk or enlarged to it (at most 4 times) first',
  },
  smoothing: { default: 1, min: 0, max: 8, help: 'Gaussian smoothing before the over-segmentation' },
  fineScale: {
    default: 10,
    min: 0.5,
    max: 10000,
    help: 'scale k of the over-segmentation (Felzenszwalb-Huttenlocher); larger makes fewer, coarser pieces',
  },
  fineSize: { default: 20, min: 1, max: 100000, whole: true, help: 'least pixels of an over-segmentation piece' },
  edgeSmoothing: { default: 1, min: 0, max: 8, help: 'Gaussian smoothing before the contrast of boundaries' },
  mergeLimit: {
    default: 4.2,
    min: 0,
    max: 1000,
    help: 'cost at which merging stops; smaller keeps more regions',
  },
  lightnessWeight: { default: 0.35, min: 0, max: 100, help: 'weight of a difference in lightness' },
  chromaWeight: { default: 1, min: 0, max: 100, help: 'weight of a difference in hue and saturation' },
  textureWeight: { default: 1.9, min: 0, max: 100, help: 'weight of a difference in texture, per octave' },
  contrastShare: {
    default: 0.47,
    min: 0,
    max: 1,
    help: 'share of the boundary contrast in the cost; the rest is the difference of the regions',
  },
  sizeExponent: { default: 0.42, min: 0, max: 2, help: 'how strongly small regions are merged first' },
  enclosure: { default: 0.27, min: 0, max: 2, help: 'how strongly regions inside another are merged first' },
  thinWidth: { default: 6, min: 0.5, max: 1000, help: 'regions thinner than this on average are merged first' },
  minWidth: { default: 3, min: 0, max: 1000, help: 'regions thinner than this on average always merge' },
  minArea: { default: 0.0006, min: 0, max: 0.5, help: 'regions under this share of the photo always merge' },
  maxRegions: { default: 60, min: 1, max: 65535, whole: true, help: 'regions per photo, at most' },
} as const satisfies Record<string, SettingDeclaration>;

export type SegmenterSetting = keyof typeof segmenterSettings;
export type SegmenterSettings = Record<SegmenterSetting, number>;

/** Defaults filled in; a LangfieldError names a setting that is unknown or out of its range. */
export function resolveSegmenterSettings(given: Readonly<Record<string, unknown>> = {}): SegmenterSettings {
  const names = Object.keys(segmenterSettings) as SegmenterSetting[];
  for (const name of Object.keys(given))
    if (!names.includes(name as SegmenterSetting))
      throw new LangfieldError({
        problem: 'the built-in segmenter has no such setting',
        field: name,
        expected: `one of ${names.join(', ')}`,
      });
  const resolved = names.map((name) => [name, checked(name, given[name] ?? segmenterSettings[name].default)] as const);
  return Object.fromEntries(resolved) as SegmenterSettings;
}

function checked(name: SegmenterSetting, given: unknown): number {
  const { min, max, ...rest } = segmenterSettings[name];
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  const whole = 'whole' in rest;
  if (typeof value !== 'number' || !(value >= min && value <= max) || (whole && !Number.isInteger(value)))
    throw new LangfieldError({
      problem: 'this setting of the built-in segmenter is out of its range',
      field: name,
      found: String(given),
      expected: `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`,
    });
  return value;
}
