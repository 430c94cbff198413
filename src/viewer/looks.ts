/** What a visitor has chosen to see: phrases, layer, comparison. Together with the view point it is the shared state. */

/** The last two are of a training photo: its regions, and the tiles that they replace. */
export const layers = [
  'phrases',
  'colour',
  'relevancy',
  'depth',
  'accumulation',
  'features',
  'regions',
  'tiles',
] as const;
export type Layer = (typeof layers)[number];

/** The displays of spec §3.4. */
export const relevancyDisplays = ['composited', 'normalised', 'centred', 'raw'] as const;
export type RelevancyDisplay = (typeof relevancyDisplays)[number];

/** What the layer of features shows: DINO features, or CLIP embeddings at a scale. */
export const featureKinds = ['dino', 'clip'] as const;
export type FeatureKind = (typeof featureKinds)[number];

export const comparisons = ['none', 'field', 'difference', 'photo'] as const;
export type Comparison = (typeof comparisons)[number];

export interface PhraseLook {
  text: string;
  /** Index into phraseColours. */
  colour: number;
  visible: boolean;
  /** 0 … 1 */
  opacity: number;
  /** Fixed by the visitor; chosen in the view when absent. */
  scale?: number;
}

export interface Looks {
  phrases: PhraseLook[];
  /** The phrase that relevancy, scale and places are shown of. */
  selected: number;
  layer: Layer;
  display: RelevancyDisplay;
  threshold: number;
  features: FeatureKind;
  /** Scale of the embeddings that are shown as colours. */
  featureScale: number;
  /** Level of the pyramid whose tiles are shown, 0 … 6. */
  level: number;
  /** Canonical phrases instead of the run's own. */
  negatives?: string[];
  /** Name of the language field; the run's first when absent. */
  field?: string;
  comparison: Comparison;
  /** The field on the right-hand side of a comparison. */
  otherField?: string;
  /** Where the divider stands, 0 … 1 from the left. */
  divider: number;
  /** Longest side of the finest picture, pixels; one of longSides. */
  longSide: number;
}

export const longSides: readonly number[] = [192, 256, 384, 512, 768, 1024, 1536];

export const plainLooks: Looks = {
  phrases: [],
  selected: 0,
  layer: 'phrases',
  display: 'composited',
  threshold: 0.5,
  features: 'dino',
  featureScale: 0.3,
  level: 2,
  comparison: 'none',
  divider: 0.5,
  longSide: 512,
};

/** Told apart by hue and by lightness, also with the usual kinds of colour blindness (after Okabe and Ito). */
export const phraseColours: readonly (readonly [number, number, number])[] = [
  [255, 176, 0],
  [64, 196, 255],
  [255, 92, 138],
  [0, 214, 143],
  [186, 120, 255],
  [255, 238, 88],
  [255, 112, 67],
  [160, 205, 255],
];

export const mostPhrases = 24;
export const longestPhrase = 200;
