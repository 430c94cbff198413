/**
 * Colours by their names: each word is a small region of hue, saturation and lightness from which a paint is drawn, so
 * that "red" is many reds and no red is anyone's orange. Also the words people use for the same colour.
 */
import { Color } from 'three';
import type { Draw } from './draw.ts';
import type { Paint } from './scene.ts';

interface ColourRange {
  /** Degrees; may run below 0. */
  hue: readonly [number, number];
  /** HSL saturation and lightness of the sRGB colour, 0..1. */
  saturation: readonly [number, number];
  lightness: readonly [number, number];
  synonyms: readonly string[];
}

const ranges = {
  red: { hue: [-6, 6], saturation: [0.68, 0.9], lightness: [0.36, 0.48], synonyms: ['crimson', 'scarlet'] },
  orange: { hue: [20, 31], saturation: [0.8, 0.95], lightness: [0.46, 0.56], synonyms: [] },
  yellow: { hue: [45, 56], saturation: [0.75, 0.95], lightness: [0.5, 0.62], synonyms: ['golden'] },
  green: { hue: [95, 145], saturation: [0.4, 0.7], lightness: [0.26, 0.44], synonyms: ['emerald'] },
  teal: { hue: [172, 188], saturation: [0.5, 0.8], lightness: [0.32, 0.46], synonyms: ['turquoise', 'cyan'] },
  blue: { hue: [210, 232], saturation: [0.55, 0.85], lightness: [0.36, 0.52], synonyms: ['navy', 'azure'] },
  purple: { hue: [268, 288], saturation: [0.35, 0.65], lightness: [0.34, 0.48], synonyms: ['violet', 'lilac'] },
  pink: { hue: [328, 346], saturation: [0.6, 0.85], lightness: [0.7, 0.8], synonyms: ['rose', 'rosy'] },
  brown: { hue: [18, 28], saturation: [0.4, 0.6], lightness: [0.22, 0.32], synonyms: ['chocolate', 'chestnut'] },
  beige: { hue: [32, 42], saturation: [0.3, 0.5], lightness: [0.7, 0.8], synonyms: ['cream', 'tan'] },
  white: { hue: [0, 360], saturation: [0, 0.05], lightness: [0.9, 0.96], synonyms: ['ivory'] },
  grey: { hue: [0, 360], saturation: [0, 0.05], lightness: [0.45, 0.6], synonyms: ['gray', 'silver'] },
  black: { hue: [0, 360], saturation: [0, 0.1], lightness: [0.06, 0.12], synonyms: ['dark'] },
} as const satisfies Record<string, ColourRange>;

export type ColourWord = keyof typeof ranges;
export const colourWords = Object.keys(ranges) as ColourWord[];
export const colourSynonyms = (word: ColourWord): readonly string[] => ranges[word].synonyms;

/** A paint of the given colour. */
export function paintOf(word: ColourWord, draw: Draw): Paint {
  const { hue, saturation, lightness }: ColourRange = ranges[word];
  const degrees = (draw.between(hue[0], hue[1]) + 360) % 360;
  // three.js keeps colours in linear light and takes HSL as sRGB.
  const colour = new Color().setHSL(
    degrees / 360,
    draw.between(saturation[0], saturation[1]),
    draw.between(lightness[0], lightness[1]),
  );
  return { word, rgb: [colour.r, colour.g, colour.b] };
}
