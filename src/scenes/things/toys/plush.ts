/** Looks that soft animals share. */
import type { Draw } from '../../draw.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, Paint } from '../../scene.ts';
import { finish, moulded } from '../thing-kind.ts';

export const plushFinish = (paint: Paint, rest: Partial<Finish> = {}): Finish =>
  finish(paint, { material: 'plush', grain: 0.32, gloss: 0, ...rest });

export const buttonFinish = (draw: Draw, colour: ColourWord = 'black'): Finish => ({
  ...moulded(draw, colour),
  gloss: 0.9,
});

const clothesColours = ['red', 'blue', 'green', 'yellow', 'purple', 'teal'] as const;

export const otherClothesColour = (draw: Draw, colour: ColourWord) =>
  draw.pick(clothesColours.filter((word) => word !== colour));

export function clothesFinish(draw: Draw, colour: ColourWord): Finish {
  const pattern = draw.pick(['plain', 'stripes', 'dots', 'checks'] as const);
  const accent = paintOf(draw.pick(['white', 'yellow'].filter((word) => word !== colour) as ColourWord[]), draw);
  return finish(paintOf(colour, draw), { material: 'fabric', pattern, accent, period: 1.3, gloss: 0.05 });
}
