/** An egg: in its shell, or boiled and cut. */
import { type BufferGeometry, SphereGeometry, Vector3 } from 'three';
import { ellipsoid } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { mixed, shaded } from '../forms/paints.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

/** An egg along x, its blunt end at -x, centred; only its lower half if `cut`. */
function eggShape(long: number, wide: number, cut: boolean) {
  const geometry = new SphereGeometry(1, 32, 24).rotateX(Math.PI / 2);
  const { position, normal } = geometry.attributes;
  for (let index = 0; index < position.count; index++) {
    const [x, y, z] = [position.getX(index), position.getY(index), position.getZ(index)];
    const width = wide * (1 - 0.13 * x) * Math.min(1, 1 - 0.05 * x * x + 0.05);
    position.setXYZ(index, x * long, y * width, cut && z > 0 ? 0 : z * width);
    if (cut && z > 1e-3) normal.setXYZ(index, 0, 0, 1);
    else {
      const slope = new Vector3(x / long + 0.13 / long, y / width, z / width).normalize();
      normal.setXYZ(index, slope.x, slope.y, slope.z);
    }
  }
  return geometry;
}

export const egg: ThingKind = {
  noun: 'egg',
  synonyms: [],
  parts: ['yolk'],
  colours: ['white', 'white', 'white', 'brown', 'beige'],
  make(draw, colour) {
    const long = draw.between(2.7, 3.1);
    const wide = draw.between(2.1, 2.3);
    const paint = paintOf(colour, draw);
    if (colour === 'brown' || colour === 'beige' || (colour === 'white' && draw.chance(0.2))) {
      const shell = colour === 'brown' ? mixed(paint, [0.75, 0.4, 0.22], 0.35) : paint;
      const speckled = draw.chance(0.4) && colour !== 'white';
      const look = finish(shell, { grain: 0.06, gloss: 0.25 });
      const spots = { ...look, accent: shaded(shell, 0.6), pattern: 'speckle' as const, period: 0.7 };
      const geometry = eggShape(long, wide, false).rotateZ(draw.between(-0.5, 0.5)).translate(0, 0, wide);
      return { colours: [colour], parts: [{ geometry, finish: speckled ? spots : look }] };
    }
    const yolkWord = colour === 'white' ? draw.pick(['orange', 'yellow', 'yellow'] as const) : colour;
    const yolk = mixed(paintOf(yolkWord, draw), [0.85, 0.36, 0.03], 0.25);
    const size = draw.between(1.5, 1.7);
    const white = mixed(paintOf('white', draw), [0.9, 0.82, 0.66], draw.between(0, 0.35));
    const turn = draw.between(0.18, 0.34);
    const pose = (geometry: BufferGeometry) => geometry.rotateX(turn).translate(0, 0, wide);
    const firm = finish(yolk, { gloss: 0.5, grain: 0.1 });
    return {
      colours: ['white', yolkWord],
      parts: [
        { geometry: pose(eggShape(long, wide, true)), finish: finish(white, { gloss: 0.45, grain: 0.03 }) },
        { name: 'yolk', geometry: pose(ellipsoid(size * 1.04, size, 0.32).translate(-0.3, 0, 0)), finish: firm },
        {
          name: 'yolk',
          geometry: pose(ellipsoid(size * 0.66, size * 0.62, 0.2).translate(-0.3, 0, 0.17)),
          finish: finish(shaded(yolk, 0.82), { gloss: 0.9, grain: 0.05 }),
        },
      ],
    };
  },
};
