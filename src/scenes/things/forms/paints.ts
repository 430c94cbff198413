/** Paints made from other paints, or of an exact shade. */
import { Color } from 'three';
import type { ColourWord } from '../../palette.ts';
import type { Paint, Vec3 } from '../../scene.ts';

/** A paint of an exact shade (degrees, 0..1, 0..1), under the word that people would use for it. */
export function exactPaint(word: ColourWord, hue: number, saturation: number, lightness: number): Paint {
  const { r, g, b } = new Color().setHSL(hue / 360, saturation, lightness);
  return { word, rgb: [r, g, b] };
}

/** The same colour, darker (< 1) or lighter (> 1). */
export const shaded = ({ word, rgb }: Paint, factor: number): Paint => ({
  word,
  rgb: [Math.min(1, rgb[0] * factor), Math.min(1, rgb[1] * factor), Math.min(1, rgb[2] * factor)],
});

/** `share` of the other colour mixed in; keeps its word. */
export const mixed = ({ word, rgb }: Paint, other: Vec3, share: number): Paint => ({
  word,
  rgb: [
    rgb[0] + share * (other[0] - rgb[0]),
    rgb[1] + share * (other[1] - rgb[1]),
    rgb[2] + share * (other[2] - rgb[2]),
  ],
});

/** Mixed with white (`share` > 0) or black (< 0). */
export function tinted(paint: Paint, share: number): Paint {
  const aim = share > 0 ? 0.85 : 0;
  const [r, g, b] = paint.rgb.map((value) => value + Math.abs(share) * (aim - value));
  return { word: paint.word, rgb: [r, g, b] };
}
