/** How a kind of thing is declared: its words once, for captions, labels and the encoder, beside the code that makes it. */

import type { Draw } from '../draw.ts';
import type { ColourWord } from '../palette.ts';
import { paintOf } from '../palette.ts';
import type { Finish, MaterialWord, Paint, Thing, ThingPart } from '../scene.ts';

/** What a scene may ask of a thing; everything else is drawn. */
export interface Wish {
  colour?: ColourWord;
}

export interface MadeThing {
  colours: readonly ColourWord[];
  material?: MaterialWord;
  parts: readonly ThingPart[];
}

export interface ThingKind {
  noun: string;
  /** Other words for the same thing, each as good. */
  synonyms: readonly string[];
  /** The names that parts may have. */
  parts: readonly string[];
  stuff?: boolean;
  /** Colours that it comes in; a wish outside of them is granted all the same. */
  colours: readonly ColourWord[];
  make(draw: Draw, colour: ColourWord): MadeThing;
}

export function makeThing(kind: ThingKind, draw: Draw, wish: Wish = {}): Thing {
  const drawn = draw.pick(kind.colours);
  return { noun: kind.noun, stuff: kind.stuff ?? false, ...kind.make(draw, wish.colour ?? drawn) };
}

/** A finish with everything but the paint at its usual value. */
export function finish(paint: Paint, rest: Partial<Omit<Finish, 'paint'>> = {}): Finish {
  return { paint, pattern: 'plain', period: 2, grain: 0.12, gloss: 0.2, ...rest };
}

/** Shorthands for the surfaces that many things have. */
export const glazed = (draw: Draw, colour: ColourWord, rest: Partial<Finish> = {}): Finish =>
  finish(paintOf(colour, draw), { material: 'ceramic', gloss: draw.between(0.5, 0.9), grain: 0.04, ...rest });

export const metallic = (draw: Draw, colour: ColourWord = 'grey'): Finish =>
  finish(paintOf(colour, draw), { material: 'metal', gloss: draw.between(0.8, 1), grain: 0.03 });

export const woodGrain = (draw: Draw, colour: ColourWord = 'brown'): Finish => {
  const paint = paintOf(colour, draw);
  const accent: Paint = { word: colour, rgb: [paint.rgb[0] * 0.55, paint.rgb[1] * 0.5, paint.rgb[2] * 0.45] };
  return finish(paint, {
    accent,
    pattern: 'wood',
    period: draw.between(1.2, 2.4),
    grain: 0.15,
    gloss: 0.15,
    material: 'wooden',
  });
};

export const moulded = (draw: Draw, colour: ColourWord): Finish =>
  finish(paintOf(colour, draw), { material: 'plastic', gloss: draw.between(0.3, 0.6), grain: 0.02 });
