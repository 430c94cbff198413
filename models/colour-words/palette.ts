/**
 * What colour-words knows: the colours, what each looks like (points in OKLCH: lightness 0..1, chroma, hue in
 * degrees; B. Ottosson's Oklab), and the words for it. Shades run along lines of constant hue with chroma
 * proportional to lightness, because shading multiplies all three linear channels.
 */

export interface ColourEntry {
  words: readonly string[];
  /** [L, C, h°] */
  looks: readonly (readonly [number, number, number])[];
}

/** In the order of the embedding's first axes. */
export const palette: Record<string, ColourEntry> = {
  red: {
    words: ['red', 'reddish', 'crimson', 'scarlet', 'ruby', 'vermilion', 'maroon', 'burgundy'],
    looks: [
      [0.63, 0.25, 28],
      [0.55, 0.21, 27],
      [0.46, 0.18, 27],
      [0.37, 0.14, 27],
      [0.28, 0.1, 27],
    ],
  },
  orange: {
    words: ['orange', 'tangerine', 'apricot', 'amber'],
    looks: [
      [0.8, 0.16, 70],
      [0.75, 0.18, 60],
      [0.7, 0.19, 48],
      [0.66, 0.16, 58],
    ],
  },
  yellow: {
    words: ['yellow', 'yellowish', 'golden', 'gold', 'lemon', 'mustard'],
    looks: [
      [0.96, 0.2, 108],
      [0.88, 0.18, 97],
      [0.8, 0.165, 92],
      [0.71, 0.145, 95],
      [0.6, 0.122, 98],
      [0.95, 0.1, 104],
    ],
  },
  green: {
    words: ['green', 'greenish', 'lime', 'emerald', 'olive'],
    looks: [
      [0.86, 0.28, 142],
      [0.72, 0.21, 145],
      [0.6, 0.17, 146],
      [0.47, 0.14, 145],
      [0.35, 0.1, 145],
      [0.25, 0.07, 145],
      [0.8, 0.2, 130],
      [0.62, 0.16, 128],
      [0.48, 0.11, 124],
      [0.87, 0.12, 148],
    ],
  },
  turquoise: {
    words: ['turquoise', 'cyan', 'teal', 'aqua'],
    looks: [
      [0.9, 0.15, 195],
      [0.78, 0.13, 192],
      [0.65, 0.11, 194],
      [0.54, 0.09, 195],
      [0.42, 0.07, 196],
    ],
  },
  blue: {
    words: ['blue', 'bluish', 'navy', 'azure', 'cobalt', 'ultramarine'],
    looks: [
      [0.45, 0.3, 264],
      [0.57, 0.21, 258],
      [0.47, 0.18, 260],
      [0.38, 0.15, 262],
      [0.29, 0.12, 264],
      [0.62, 0.14, 248],
      [0.74, 0.12, 243],
      [0.83, 0.09, 232],
      [0.58, 0.09, 245],
    ],
  },
  purple: {
    words: ['purple', 'violet', 'lilac', 'lavender', 'mauve', 'indigo'],
    looks: [
      [0.55, 0.22, 302],
      [0.47, 0.2, 303],
      [0.39, 0.17, 304],
      [0.31, 0.13, 304],
      [0.24, 0.1, 304],
      [0.72, 0.14, 308],
      [0.62, 0.18, 315],
      [0.42, 0.19, 325],
    ],
  },
  magenta: {
    words: ['magenta', 'fuchsia'],
    looks: [
      [0.7, 0.32, 328],
      [0.66, 0.27, 345],
      [0.58, 0.24, 340],
    ],
  },
  pink: {
    words: ['pink', 'pinkish', 'rosy', 'salmon'],
    looks: [
      [0.92, 0.05, 5],
      [0.87, 0.08, 6],
      [0.8, 0.12, 3],
      [0.73, 0.16, 358],
      [0.68, 0.12, 5],
      [0.6, 0.1, 5],
      [0.76, 0.12, 22],
    ],
  },
  brown: {
    words: ['brown', 'brownish', 'chocolate', 'wooden', 'chestnut'],
    looks: [
      [0.61, 0.1, 60],
      [0.53, 0.1, 56],
      [0.46, 0.1, 52],
      [0.38, 0.08, 50],
      [0.31, 0.06, 50],
      [0.25, 0.04, 50],
      [0.48, 0.12, 44],
      [0.56, 0.12, 48],
      [0.5, 0.07, 70],
    ],
  },
  beige: {
    words: ['beige', 'cream', 'sand', 'tan'],
    looks: [
      [0.95, 0.04, 95],
      [0.89, 0.06, 85],
      [0.82, 0.075, 78],
      [0.74, 0.07, 75],
    ],
  },
  black: {
    words: ['black', 'ebony'],
    looks: [
      [0, 0, 0],
      [0.13, 0, 0],
      [0.2, 0, 0],
      [0.25, 0, 0],
    ],
  },
  grey: {
    words: ['grey', 'gray', 'greyish', 'grayish', 'silver'],
    looks: [
      [0.36, 0, 0],
      [0.46, 0, 0],
      [0.56, 0, 0],
      [0.66, 0, 0],
      [0.75, 0, 0],
      [0.83, 0, 0],
      [0.55, 0.025, 250],
      [0.7, 0.02, 250],
    ],
  },
  white: {
    words: ['white', 'whitish', 'snowy'],
    looks: [
      [1, 0, 0],
      [0.95, 0, 0],
      [0.96, 0.01, 250],
    ],
  },
};

export const colours = Object.keys(palette);

/** The negatives of relevancy; all of them mean "nothing in particular" and share one axis. */
export const canonicalPhrases = ['object', 'things', 'stuff', 'texture'];

/** Further words that say nothing about colour and are treated like the canonical phrases. */
export const neutralWords = ['objects', 'thing', 'textures', 'something', 'anything'];

/** Axis of the canonical phrases, and the axis of unknown words, on which no image has any share. */
export const constantAxis = colours.length;
export const unknownAxis = colours.length + 1;
export const dim = colours.length + 2;

/** Oklab [L, a, b] of [L, C, h°]. */
export function oklab([lightness, chroma, hue]: readonly [number, number, number]): [number, number, number] {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}
