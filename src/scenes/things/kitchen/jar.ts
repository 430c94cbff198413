/** Jars of glass or pottery, with a label and a lid. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, ring } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { creasedLathe } from '../forms/solids.ts';
import { gridSurface } from '../forms/surfaces.ts';
import { finish, glazed, metallic, type ThingKind, woodGrain } from '../thing-kind.ts';
import { labelBand } from './label.ts';

/** From the foot to the open mouth, closed at the top. */
function jarBody(r: number, h: number, mouth: number): BufferGeometry {
  const wall = curveThrough(
    [
      [r * 0.92, 0.15],
      [r, 1],
      [r, h * 0.5],
      [r * 0.99, h * 0.78],
      [mouth * 1.04, h * 0.93],
      [mouth, h],
    ],
    26,
  );
  return creasedLathe([[0, 0.2], [r * 0.8, 0], [r * 0.9, 0.1], ...wall, [0, h]], 48);
}

function screwLid(lidRadius: number): BufferGeometry {
  const screw = creasedLathe(
    [
      [lidRadius - 0.1, -0.9],
      [lidRadius, -0.8],
      [lidRadius, 0.5],
      [lidRadius - 0.15, 0.75],
      [lidRadius - 0.6, 0.75],
      [lidRadius - 0.8, 0.6],
      [0, 0.6],
    ],
    48,
  );
  const ridge = ring(lidRadius, 0.14, 48).translate(0, 0, -0.7);
  return join([screw, ridge]);
}

function knobbedLid(lidRadius: number): BufferGeometry {
  const disc = creasedLathe(
    [
      [0, -0.5],
      [lidRadius - 0.3, -0.5],
      [lidRadius + 0.1, -0.3],
      ...curveThrough(
        [
          [lidRadius + 0.25, 0],
          [lidRadius + 0.2, 0.7],
          [lidRadius - 0.2, 1],
        ],
        8,
      ),
      [0, 1.1],
    ],
    48,
  );
  const knob = ellipsoid(1, 1, 0.85, 18).translate(0, 0, 1.7);
  return join([disc, knob]);
}

/** A round cloth over the mouth, its edge hanging in waves. */
function clothCover(lidRadius: number): BufferGeometry {
  return gridSurface(
    60,
    6,
    (u, v) => {
      const turn = u * 2 * Math.PI;
      const out = v < 0.4 ? (v / 0.4) * lidRadius : lidRadius + (v - 0.4) * (1.6 + 0.5 * Math.sin(14 * turn));
      return [out * Math.cos(turn), out * Math.sin(turn), v < 0.4 ? 0.7 : 0.7 - (v - 0.4) * 3.6];
    },
    true,
  );
}

/** Wood or pottery on a pot; a tied cloth or a screwed lid on glass. */
function jarLid(draw: Draw, colour: ColourWord, mouth: number, pottery: boolean, look: Finish): ThingPart[] {
  const lidRadius = mouth + 0.35;
  const cloth = clothCover(lidRadius);
  const lidWord = draw.pick(
    (['red', 'white', 'blue', 'yellow', 'black', 'green'] as const).filter((word) => word !== colour),
  );
  const gingham: Finish = finish(paintOf('white', draw), {
    accent: paintOf(lidWord === 'white' ? 'red' : lidWord, draw),
    pattern: 'checks',
    period: 1,
    material: 'fabric',
    gloss: 0,
  });
  const lid = (geometry: BufferGeometry, finish: Finish): ThingPart => ({ name: 'lid', geometry, finish });
  if (pottery)
    return [lid(knobbedLid(lidRadius), draw.chance(0.7) ? woodGrain(draw, draw.pick(['brown', 'beige'])) : look)];
  if (draw.chance(0.4)) {
    const string = ring(lidRadius + 0.15, 0.18, 40).translate(0, 0, -0.4);
    return [lid(cloth, gingham), lid(string, finish(paintOf('red', draw), { material: 'fabric' }))];
  }
  const steel = metallic(draw);
  return [lid(screwLid(lidRadius), { ...steel, paint: paintOf(draw.chance(0.3) ? 'grey' : lidWord, draw) })];
}

export const jar: ThingKind = {
  noun: 'jar',
  synonyms: ['storage jar'],
  parts: ['lid', 'label'],
  colours: ['red', 'yellow', 'green', 'white', 'orange', 'brown', 'purple', 'blue', 'beige', 'pink'],
  make(draw, colour) {
    const r = draw.between(3.8, 5);
    const h = r * draw.between(1.9, 2.7);
    const mouth = r * draw.between(0.8, 0.86);
    const pottery = draw.chance(0.35);
    const body = jarBody(r, h, mouth);
    const look = pottery
      ? glazed(draw, colour)
      : finish(paintOf(colour, draw), {
          accent: paintOf(colour, draw),
          pattern: 'crumb',
          period: 1.2,
          gloss: 1,
          grain: 0.05,
        });
    const lids = jarLid(draw, colour, mouth, pottery, look);
    return {
      colours: [colour],
      material: pottery ? 'ceramic' : undefined,
      parts: [
        { geometry: body, finish: look },
        ...labelBand(draw, r + 0.06, h * 0.2, h * 0.68, colour),
        ...lids.map((part) => ({ ...part, geometry: part.geometry.translate(0, 0, h) })),
      ],
    };
  },
};
