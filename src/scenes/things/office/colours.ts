/** Choices of a second colour. */
import type { Draw } from '../../draw.ts';
import type { ColourWord } from '../../palette.ts';

export const otherColour = (draw: Draw, colour: ColourWord, choices: readonly ColourWord[]) =>
  draw.pick(choices.filter((choice) => choice !== colour));

export const brightColours: readonly ColourWord[] = [
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'purple',
  'pink',
];
