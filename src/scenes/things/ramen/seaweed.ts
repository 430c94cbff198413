/** Sheets of seaweed. */
import { noise } from '../../finish.ts';
import { paintOf } from '../../palette.ts';
import { mixed, shaded } from '../forms/paints.ts';
import { gridSurface } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

export const seaweed: ThingKind = {
  noun: 'seaweed',
  synonyms: ['nori'],
  parts: [],
  colours: ['green', 'green', 'black'],
  make(draw, colour) {
    const paint = paintOf(colour, draw);
    const dark = colour === 'green' ? mixed(shaded(paint, 0.2), [0.01, 0.03, 0.012], 0.4) : shaded(paint, 0.7);
    const width = draw.between(6, 8);
    const height = draw.between(7.5, 9.5);
    const sheets = Array.from({ length: draw.integer(2, 3) }, (_, index) => {
      const [bow, phase] = [draw.between(0.3, 0.9), draw.between(0, 50)];
      const lean = draw.between(0.16, 0.26);
      const geometry = gridSurface(28, 28, (u, v) => {
        const ripple = 0.5 * noise(u * 4 + phase, v * 4, 0) + 0.16 * noise(u * 14 + phase, v * 14, 3);
        const ragged = 0.12 * noise(u * 9 + phase, 7, v * 9);
        return [
          (u - 0.5) * width + (u < 0.5 ? ragged : -ragged),
          v * height * lean + bow * (2 * u - 1) ** 2 * (0.4 + v) + ripple - 0.5,
          v * height * Math.sqrt(1 - lean * lean) - (v > 0.5 ? ragged : 0),
        ];
      });
      geometry.rotateZ(draw.between(-0.12, 0.12)).translate((index - 0.7) * draw.between(1.6, 2.6), index * 0.75, 0);
      const tone = shaded(dark, draw.between(0.8, 1.3));
      const look = finish(tone, {
        accent: shaded(tone, colour === 'black' ? 1.5 : 2.6),
        pattern: 'crumb',
        period: 0.8,
        grain: 0.5,
        gloss: 0.35,
      });
      return { geometry, finish: look };
    });
    return { colours: [colour], parts: sheets };
  },
};
