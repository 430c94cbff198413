/** Balls: beach ball, football, with bands, seams or dots. */
import {
  type BufferGeometry,
  CatmullRomCurve3,
  IcosahedronGeometry,
  SphereGeometry,
  TubeGeometry,
  Vector3,
} from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, ring } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { bothSides, pointing } from '../forms/placing.ts';
import { uvSurface } from '../forms/surfaces.ts';
import { finish, moulded, type ThingKind } from '../thing-kind.ts';

const bright = ['red', 'blue', 'green', 'yellow', 'orange', 'teal', 'purple', 'pink'] as const;

const otherBright = (draw: Draw, colour: ColourWord) => draw.pick(bright.filter((word) => word !== colour));

/** The segment of a ball of radius 1 between two meridians, or two circles of latitude; angles in turns. */
const gore = (from: number, to: number) =>
  new SphereGeometry(1, 8, 24, 2 * Math.PI * from, 2 * Math.PI * (to - from)).rotateX(Math.PI / 2);

const zone = (from: number, to: number) =>
  new SphereGeometry(1, 40, 10, 0, 2 * Math.PI, Math.PI * from, Math.PI * (to - from)).rotateX(Math.PI / 2);

const icosahedron = (): Vector3[] => {
  const { position } = new IcosahedronGeometry(1).attributes;
  const corners = Array.from({ length: position.count }, (_, index) =>
    new Vector3().fromBufferAttribute(position, index),
  );
  return corners.filter((corner, index) => corners.findIndex((other) => other.distanceTo(corner) < 0.01) === index);
};

/** Pentagons of a football, and the seams between its hexagons. */
function footballPatches(): { pentagons: BufferGeometry; seams: BufferGeometry } {
  const corners = icosahedron();
  const near = (a: Vector3) => corners.filter((b) => b !== a && b.distanceTo(a) < 1.2);
  const pentagon = (corner: Vector3) => {
    const across = near(corner)[0].clone().sub(corner).projectOnPlane(corner).normalize();
    const along = corner.clone().cross(across);
    return uvSurface(20, 5, (u, v) => {
      const turn = 5 * (u % 1);
      const side = turn - Math.floor(turn) - 0.5;
      const reach = (0.36 * v * Math.cos(Math.PI / 5)) / Math.cos(side * ((2 * Math.PI) / 5));
      const angle = ((2 * Math.PI) / 5) * turn;
      const at = corner
        .clone()
        .addScaledVector(across, reach * Math.cos(angle))
        .addScaledVector(along, reach * Math.sin(angle));
      return at.normalize().multiplyScalar(1.008).toArray();
    });
  };
  const seam = (a: Vector3, b: Vector3) => {
    const points = [0.33, 0.42, 0.5, 0.58, 0.67].map((share) => a.clone().lerp(b, share).normalize());
    return new TubeGeometry(new CatmullRomCurve3(points), 6, 0.014, 6);
  };
  const seams = corners.flatMap((a) =>
    near(a)
      .filter((b) => corners.indexOf(b) > corners.indexOf(a))
      .map((b) => seam(a, b)),
  );
  return { pentagons: join(corners.map(pentagon)), seams: join(seams) };
}

/** Looks of balls, at radius 1; the first one or two colours are those of the ball. */
const balls: Record<
  string,
  (draw: Draw, colour: ColourWord, second: ColourWord) => { parts: ThingPart[]; colours: ColourWord[] }
> = {
  beach(draw, colour, second) {
    const looks = [moulded(draw, colour), moulded(draw, colour === 'white' ? second : 'white')];
    const gores = [0, 1].map((turn) =>
      join([0, 1, 2].map((index) => gore((2 * index + turn) / 6, (2 * index + turn + 1) / 6))),
    );
    const caps = bothSides((side) => ellipsoid(0.2, 0.2, 0.06, 16).translate(0, 0, side * 0.96));
    const parts = [
      ...gores.map((geometry, index) => ({ geometry, finish: looks[index] })),
      { geometry: caps, finish: moulded(draw, second) },
    ];
    return { parts, colours: [colour, looks[1].paint.word] };
  },
  banded(draw, colour, second) {
    const looks = [colour, second, 'white'].map((word) =>
      finish(paintOf(word as ColourWord, draw), { material: 'rubber', gloss: 0.45, grain: 0.03 }),
    );
    const parts = [
      { geometry: join([zone(0, 0.37), zone(0.63, 1)]), finish: looks[0] },
      { geometry: zone(0.42, 0.58), finish: looks[1] },
      {
        geometry: join([zone(0.37, 0.42), zone(0.58, 0.63)]),
        finish: looks[colour === 'white' || second === 'white' ? 1 : 2],
      },
    ];
    return { parts, colours: [colour] };
  },
  football(draw) {
    const { pentagons, seams } = footballPatches();
    const white = finish(paintOf('white', draw), { material: 'leather', gloss: 0.3, grain: 0.03 });
    const black = finish(paintOf('black', draw), { material: 'leather', gloss: 0.3, grain: 0.03 });
    const parts = [
      { geometry: ellipsoid(1, 1, 1, 48), finish: white },
      { geometry: pentagons, finish: black },
      { geometry: seams, finish: finish(paintOf('grey', draw)) },
    ];
    return { parts, colours: ['white', 'black'] };
  },
  plain(draw, colour) {
    const look = finish(paintOf(colour, draw), { material: 'rubber', gloss: 0.4, grain: 0.05 });
    const seam = finish(paintOf(colour === 'black' ? 'grey' : 'black', draw), { material: 'rubber' });
    const parts: ThingPart[] = [{ geometry: ellipsoid(1, 1, 1, 48), finish: look }];
    const curves = [
      ring(1, 0.022),
      ring(1, 0.022).rotateX(Math.PI / 2),
      ...[-1, 1].map((side) =>
        ring(0.8, 0.022)
          .rotateY(Math.PI / 2)
          .translate(side * 0.6, 0, 0),
      ),
    ];
    if (colour === 'orange') parts.push({ geometry: join(curves), finish: seam });
    return { parts, colours: [colour] };
  },
  dotted(draw, colour, second) {
    const look = (word: ColourWord) => finish(paintOf(word, draw), { material: 'rubber', gloss: 0.45, grain: 0.03 });
    const cap = () => new SphereGeometry(1.008, 28, 5, 0, 2 * Math.PI, 0, 0.34).rotateX(Math.PI / 2);
    const spots = icosahedron().map((corner) => pointing(cap(), [0, 0, 0], [corner.x, corner.y, corner.z]));
    return {
      parts: [
        { geometry: ellipsoid(1, 1, 1, 44), finish: look(colour) },
        { geometry: join(spots), finish: look(colour === 'white' ? second : 'white') },
      ],
      colours: [colour],
    };
  },
};

export const ball: ThingKind = {
  noun: 'ball',
  synonyms: ['toy ball'],
  parts: [],
  colours: ['red', 'blue', 'green', 'yellow', 'orange', 'orange', 'teal', 'purple', 'pink', 'white', 'white'],
  make(draw, colour) {
    const second = otherBright(draw, colour);
    const style =
      colour === 'white' && draw.chance(0.7)
        ? 'football'
        : colour === 'orange' && draw.chance(0.5)
          ? 'plain'
          : draw.pick(['beach', 'beach', 'banded', 'banded', 'dotted', 'dotted', 'plain'] as const);
    const { parts, colours } = balls[style](draw, colour, second);
    const radius = style === 'football' || style === 'beach' ? draw.between(6, 10) : draw.between(3.5, 7);
    const [tilt, turn] = [draw.between(0.2, 1), draw.between(0, 6.3)];
    for (const { geometry } of parts)
      geometry.rotateX(tilt).rotateZ(turn).scale(radius, radius, radius).translate(0, 0, radius);
    return { colours, material: parts[0].finish.material, parts };
  },
};
