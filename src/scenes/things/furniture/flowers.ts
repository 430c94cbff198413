/** A bunch of flowers. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, tube } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart, Vec3 } from '../../scene.ts';
import { pointing } from '../forms/placing.ts';
import { sculpted } from '../forms/surfaces.ts';
import { finish } from '../thing-kind.ts';

type Bloom = 'tulip' | 'daisy' | 'rose';

/** A flower about the origin, opening along +z: petals, and its middle if that has a colour of its own. */
function bloom(style: Bloom, size: number): { petals: BufferGeometry; middle?: BufferGeometry } {
  const around = (count: number, make: (turn: number) => BufferGeometry) =>
    Array.from({ length: count }, (_, index) => make((2 * Math.PI * index) / count));
  const petal = (rx: number, rz: number, out: number, tilt: number, up: number) => (turn: number) =>
    ellipsoid(rx, rx * 0.28, rz, 8)
      .translate(0, 0, rz)
      .rotateX(tilt)
      .translate(0, -out, up)
      .rotateZ(turn);
  switch (style) {
    case 'tulip':
      return {
        petals: join([
          ...around(3, petal(size * 0.62, size * 0.95, size * 0.3, 0.12, -0.2 * size)),
          ...around(3, (turn) => petal(size * 0.62, size * 0.9, size * 0.4, 0.16, -0.2 * size)(turn + 1.05)),
          ellipsoid(size * 0.6, size * 0.6, size * 0.5, 12),
        ]),
      };
    case 'daisy':
      return {
        petals: join(around(11, petal(size * 0.3, size * 0.62, size * 0.2, 1.35, 0))),
        middle: ellipsoid(size * 0.42, size * 0.42, size * 0.24, 14).translate(0, 0, size * 0.12),
      };
    case 'rose':
      return {
        petals: join([
          ellipsoid(size * 0.45, size * 0.45, size * 0.55, 12).translate(0, 0, size * 0.4),
          ...around(4, petal(size * 0.55, size * 0.5, size * 0.36, 0.1, 0)),
          ...around(5, (turn) => petal(size * 0.6, size * 0.5, size * 0.5, 0.75, -0.1 * size)(turn + 0.4)),
        ]),
      };
  }
}

function stemLeaf(): BufferGeometry {
  return sculpted(ellipsoid(0.95, 0.12, 2.6, 14).translate(0, 0, 2.4), (point) => {
    point.y -= 0.09 * point.z ** 2;
  });
}

/** A bunch of flowers whose stems leave a mouth of the given radius at the given height. */
export function flowers(draw: Draw, mouth: number, height: number): ThingPart[] {
  const style = draw.pick(['tulip', 'daisy', 'daisy', 'rose'] as const);
  const count = style === 'tulip' ? draw.integer(4, 6) : draw.integer(3, 6);
  const [petals, middles, stems, leaves]: BufferGeometry[][] = [[], [], [], []];
  const size = draw.between(2, 2.7);
  for (let index = 0; index < count; index++) {
    const turn = (index === 0 ? 0 : (2 * Math.PI * index) / (count - 1)) + draw.between(-0.25, 0.25);
    const lean = index === 0 ? 0.06 : draw.between(0.35, 0.55);
    const rise = height * draw.between(0.45, 0.65) + (index === 0 ? 3 : 0);
    const [x, y] = [Math.cos(turn), Math.sin(turn)];
    const start: Vec3 = [x * mouth * 0.5, y * mouth * 0.5, height * 0.8];
    const end: Vec3 = [x * (mouth * 0.6 + lean * rise), y * (mouth * 0.6 + lean * rise), height + rise];
    const bend: Vec3 = [(start[0] + end[0]) * 0.42, (start[1] + end[1]) * 0.42, height * 0.5 + end[2] * 0.5];
    const direction: Vec3 = [x * lean * 1.6, y * lean * 1.6 - 0.25, 1];
    const flower = bloom(style, size * draw.between(0.88, 1.12));
    stems.push(tube([start, bend, end], 0.22, 8));
    petals.push(pointing(flower.petals, end, direction));
    if (flower.middle) middles.push(pointing(flower.middle, end, direction));
    const leaf = stemLeaf();
    leaves.push(
      leaf
        .rotateX(-0.6)
        .rotateZ(turn + draw.between(0.6, 1.6))
        .translate(bend[0], bend[1], height + rise * 0.12),
    );
  }
  const green = finish(paintOf('green', draw), { grain: 0.2 });
  const word = draw.pick(
    style === 'daisy'
      ? (['white', 'white', 'pink', 'yellow'] as const)
      : (['red', 'pink', 'yellow', 'purple', 'orange', 'white'] as const),
  );
  const parts: ThingPart[] = [
    { name: 'petal', geometry: join(petals), finish: finish(paintOf(word, draw), { grain: 0.15 }) },
    { name: 'stem', geometry: join(stems), finish: green },
    { name: 'leaf', geometry: join(leaves), finish: green },
  ];
  if (middles.length > 0)
    parts.push({
      name: 'petal',
      geometry: join(middles),
      finish: finish(paintOf(word === 'yellow' ? 'brown' : 'yellow', draw), { grain: 0.3 }),
    });
  return parts;
}
