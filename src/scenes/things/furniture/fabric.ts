/** Colours, finishes and woven patterns of cloth. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, Paint, ThingPart } from '../../scene.ts';
import { panels } from '../forms/cutting.ts';
import { finish } from '../thing-kind.ts';

/** Woven patterns over a square, as which of three paints lies at (u, v) of 0..1: cloth, between, accent. */
const weaves: Record<string, (u: number, v: number) => number> = {
  plain: () => 0,
  stripes: (u) => (Math.floor(u * 8) % 2 === 1 ? 2 : 0),
  gingham: (u, v) => (Math.floor(u * 8) % 2) + (Math.floor(v * 8) % 2),
  border: (u, v) => {
    const edge = 32 * (0.5 - Math.max(Math.abs(u - 0.5), Math.abs(v - 0.5)));
    return (edge > 2 && edge < 5) || (edge > 6 && edge < 7) ? 2 : 0;
  },
  cross: (u, v) =>
    (u > 0.25 && u < 0.375) || (v > 0.25 && v < 0.375) ? (u > 0.25 && u < 0.375 && v > 0.25 && v < 0.375 ? 2 : 1) : 0,
  band: (u) => (u > 0.375 && u < 0.625 ? 2 : (u > 0.25 && u < 0.3125) || (u > 0.6875 && u < 0.75) ? 1 : 0),
};

/** A square piece of cloth as parts of three paints. */
export function woven(cloth: BufferGeometry, weave: string, paint: Paint, accent: Paint): ThingPart[] {
  const [r, g, b] = paint.rgb.map((value, index) => (value + accent.rgb[index]) / 2);
  const paints = [paint, { word: paint.word, rgb: [r, g, b] } as const, accent];
  return panels(cloth, 3, ({ u, v }) => weaves[weave](u, v))
    .map((geometry, index) => ({ geometry, finish: fabric(paints[index]) }))
    .filter(({ geometry }) => geometry.attributes.position.count > 0);
}

export const clothColours = [
  'red',
  'blue',
  'green',
  'yellow',
  'purple',
  'teal',
  'pink',
  'orange',
  'beige',
  'white',
  'grey',
] as const;

export const fabric = (paint: Paint, rest: Partial<Finish> = {}): Finish =>
  finish(paint, { material: 'fabric', gloss: 0.04, grain: 0.16, ...rest });

/** Paint of another word, set off from the cloth. */
export function contrast(draw: Draw, colour: ColourWord): Paint {
  const pale = colour === 'white' || colour === 'beige' || colour === 'yellow';
  return paintOf(
    draw.pick(pale ? (['red', 'blue', 'green', 'teal', 'purple'] as const) : (['white', 'beige', 'yellow'] as const)),
    draw,
  );
}
