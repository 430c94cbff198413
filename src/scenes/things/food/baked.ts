/** Looks of what is baked and iced. */
import type { Draw } from '../../draw.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, Paint } from '../../scene.ts';
import { exactPaint, shaded } from '../forms/paints.ts';
import { finish } from '../thing-kind.ts';

/** Something baked: browned unevenly. */
export const baked = (paint: Paint, period = 1.2, contrast = 0.55): Finish =>
  finish(paint, { accent: shaded(paint, contrast), pattern: 'crumb', period, grain: 0.25, gloss: 0.08 });

/** Brown icing is chocolate. */
export const icingPaint = (draw: Draw, colour: ColourWord): Paint =>
  colour === 'brown' ? exactPaint('brown', draw.between(17, 22), 0.5, draw.between(0.15, 0.22)) : paintOf(colour, draw);
