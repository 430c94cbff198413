/** A pair of chopsticks. */
import { type BufferGeometry, CylinderGeometry } from 'three';
import { paintOf } from '../../palette.ts';
import { finish, type ThingKind, woodGrain } from '../thing-kind.ts';

export const chopsticks: ThingKind = {
  noun: 'chopsticks',
  synonyms: ['pair of chopsticks', 'chopstick'],
  parts: [],
  colours: ['red', 'black', 'brown', 'beige', 'beige', 'blue', 'green'],
  make(draw, colour) {
    const length = draw.between(21, 24);
    const thick = draw.between(0.38, 0.5);
    const natural = colour === 'brown' || colour === 'beige';
    const look = natural
      ? { ...woodGrain(draw, colour), period: 0.8 }
      : finish(paintOf(colour, draw), { material: 'wooden', gloss: 0.85, grain: 0.03 });
    const gold = finish(paintOf(natural ? 'red' : 'yellow', draw), { gloss: 0.8, material: 'wooden' });
    const banded = draw.chance(0.65);
    const round = draw.chance(0.5);
    const pose = (geometry: BufferGeometry, side: number) =>
      geometry
        .rotateZ(-Math.PI / 2)
        .rotateX(Math.PI / 4)
        .translate(0, 0, thick * (round ? 1 : 0.72))
        .rotateY(0.006)
        .rotateZ(side * spread)
        .translate(0, side * draw.between(0.75, 0.95), 0);
    const spread = draw.between(-0.05, 0.03);
    const stick = (side: number) => {
      const tip = thick * 0.42;
      const body = new CylinderGeometry(tip, thick, length, round ? 20 : 4, 24);
      const at = (share: number) => thick + (tip - thick) * share;
      const bands = [0.06, 0.09, 0.3].map((share) =>
        new CylinderGeometry(at(share) + 0.025, at(share) + 0.03, share === 0.3 ? 0.25 : 0.4, round ? 20 : 4).translate(
          0,
          (share - 0.5) * length,
          0,
        ),
      );
      return [
        { geometry: pose(round ? body : body.toNonIndexed(), side), finish: look },
        ...(banded ? bands.map((band) => ({ geometry: pose(band, side), finish: gold })) : []),
      ];
    };
    return { colours: [colour], material: 'wooden', parts: [...stick(-1), ...stick(1)] };
  },
};
