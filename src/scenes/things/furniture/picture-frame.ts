/** A picture frame that stands on a strut. */
import type { BufferGeometry } from 'three';
import { join, rod, roundedBox } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Vec3 } from '../../scene.ts';
import { finish, metallic, type ThingKind, woodGrain } from '../thing-kind.ts';
import { picture } from './picture.ts';

function frameBars(
  colour: ColourWord,
  width: number,
  height: number,
  bar: number,
  depth: number,
  inner: readonly [number, number],
): BufferGeometry {
  const horizontal = (z: number) => roundedBox(width, depth, bar, 0.35).translate(0, 0, z);
  const vertical = (side: -1 | 1) => roundedBox(bar, depth, height, 0.35).translate((side * (width - bar)) / 2, 0, 0);
  const bead = [
    ...[0.3, height - bar + 0.1].map((z) =>
      rod([-inner[0] / 2, -depth / 2, z + bar * 0.4], [inner[0] / 2, -depth / 2, z + bar * 0.4], 0.16),
    ),
    ...[-1, 1].map((side) =>
      rod(
        [side * (width / 2 - bar * 0.5), -depth / 2, bar],
        [side * (width / 2 - bar * 0.5), -depth / 2, height - bar],
        0.16,
      ),
    ),
  ];
  return join([
    horizontal(0),
    horizontal(height - bar),
    vertical(-1),
    vertical(1),
    ...(colour === 'brown' ? [] : bead),
  ]);
}

function frameStrut(height: number, depth: number, lean: number): BufferGeometry {
  const stand: Vec3 = [0, depth / 2 + height * (Math.sin(lean) * 0.6 + 0.28), 0.4];
  return rod([0, depth / 2 + height * 0.6 * Math.sin(lean), height * 0.6 * Math.cos(lean)], stand, 0.35).scale(2, 1, 1);
}

export const pictureFrame: ThingKind = {
  noun: 'picture frame',
  synonyms: ['picture', 'framed picture', 'photo frame'],
  parts: [],
  colours: ['brown', 'brown', 'black', 'white', 'yellow', 'grey', 'red', 'blue'],
  make(draw, colour) {
    const [short, long] = [draw.between(11, 15), draw.between(15, 20)];
    const [width, height] = draw.chance(0.5) ? [short, long] : [long, short];
    const [bar, depth] = [draw.between(1.1, 2.2), draw.between(1, 1.6)];
    const look =
      colour === 'brown'
        ? woodGrain(draw, colour)
        : colour === 'grey' || colour === 'yellow'
          ? metallic(draw, colour)
          : finish(paintOf(colour, draw), { material: 'wooden', gloss: 0.35, grain: 0.06 });
    const inner: [number, number] = [width - 2 * bar, height - 2 * bar];
    const lean = draw.between(0.14, 0.24);
    const leaning = (geometry: BufferGeometry) => geometry.rotateX(-lean).translate(0, 0, (depth / 2) * Math.sin(lean));
    const matted = draw.chance(0.6);
    const margin = matted ? draw.between(0.9, 1.6) : 0;
    const board = roundedBox(inner[0] + 0.4, 0.4, inner[1] + 0.4, 0.05).translate(0, 0, bar - 0.2);
    const back = roundedBox(width - bar, 0.5, height - bar, 0.1).translate(0, depth / 2 - 0.2, bar / 2);
    const strut = frameStrut(height, depth, lean);
    const frame = frameBars(colour, width, height, bar, depth, inner);
    const inside = picture(draw, inner[0] - 2 * margin, inner[1] - 2 * margin).map((part) => ({
      ...part,
      geometry: leaning(part.geometry.translate(0, -0.25, bar + margin)),
    }));
    return {
      colours: [colour],
      material: look.material,
      parts: [
        { geometry: leaning(frame), finish: look },
        {
          geometry: leaning(board),
          finish: finish(paintOf('white', draw), { material: 'paper', gloss: 0.1, grain: 0.03 }),
        },
        { geometry: join([leaning(back), strut]), finish: finish(paintOf('black', draw), { material: 'paper' }) },
        ...inside,
      ],
    };
  },
};
