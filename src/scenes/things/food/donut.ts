/** A donut with icing. */
import { type BufferGeometry, CapsuleGeometry, Matrix4, Vector3 } from 'three';
import type { Draw } from '../../draw.ts';
import { noise } from '../../finish.ts';
import { join } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart, Vec3 } from '../../scene.ts';
import { split } from '../forms/cutting.ts';
import { exactPaint } from '../forms/paints.ts';
import { weldedSurface } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { baked, icingPaint } from './baked.ts';

const icingColours = ['pink', 'brown', 'white', 'pink', 'yellow', 'blue', 'purple', 'green', 'orange', 'teal'] as const;

const icingFinish = (draw: Draw, colour: ColourWord): Finish =>
  finish(icingPaint(draw, colour), { gloss: 0.6, grain: 0.04 });

/** A sugar sprinkle at a point, flat on a surface with that normal. */
function sprinkle(at: Vec3, normal: Vec3, turn: number): BufferGeometry {
  const up = new Vector3(...normal).normalize();
  const side = new Vector3(Math.cos(turn), Math.sin(turn), 0.2).cross(up).normalize();
  const frame = new Matrix4().makeBasis(side.clone().cross(up), side, up).setPosition(...at);
  return new CapsuleGeometry(0.11, 0.5, 2, 7).applyMatrix4(frame);
}

/** A point of a donut: angle about its axis, turn about its ring, cm above its dough. */
type OnRing = (angle: number, turn: number, grow: number) => Vec3;

/** Icing over the top, its edges in waves. */
function glaze(draw: Draw, at: OnRing): BufferGeometry {
  const phase = [draw.between(0, 6), draw.between(0, 6), draw.between(0, 6)];
  const wave = (angle: number) =>
    0.16 * Math.sin(5 * angle + phase[0]) +
    0.1 * Math.sin(9 * angle + phase[1]) +
    0.06 * Math.sin(13 * angle + phase[2]);
  return weldedSurface(
    (u, v) => {
      const angle = 2 * Math.PI * u;
      const [outer, inner] = [-0.02 + wave(angle), Math.PI - 0.75 - 0.7 * wave(angle + 2)];
      return at(angle, outer + (inner - outer) * v, -0.06 + 0.3 * Math.min(1, 8 * v * (1 - v)) ** 0.5);
    },
    64,
    22,
  );
}

/** A thin line of icing back and forth over the ring. */
function drizzle(at: OnRing): BufferGeometry {
  return weldedSurface(
    (u, v) => {
      const angle = 2 * Math.PI * u;
      const turn = Math.PI / 2 + 0.85 * Math.sin(9 * angle);
      return at(angle, turn + 0.07 * Math.cos(2 * Math.PI * v), 0.24 + 0.1 * Math.sin(2 * Math.PI * v));
    },
    160,
    6,
  );
}

export const donut: ThingKind = {
  noun: 'donut',
  synonyms: ['doughnut'],
  parts: ['icing', 'hole'],
  colours: [...icingColours],
  make(draw, colour) {
    const tubeRadius = draw.between(1.55, 1.85);
    const radius = tubeRadius + draw.between(1.25, 1.6);
    const flat = 0.88;
    const middle = tubeRadius * flat;
    const at: OnRing = (angle, turn, grow) => {
      const reach = radius + (tubeRadius + grow) * Math.cos(turn);
      return [reach * Math.cos(angle), reach * Math.sin(angle), middle + (tubeRadius * flat + grow) * Math.sin(turn)];
    };
    const dough = weldedSurface((u, v) => at(2 * Math.PI * u, 2 * Math.PI * v, 0.05 * noise(20 * u, 8 * v, 0)), 48, 24);
    const [ring, hole] = split(dough, (x, y, z) => Math.hypot(x, y) < radius - tubeRadius * 0.55 && z < middle * 1.9);
    const crust = baked(exactPaint('brown', draw.between(26, 32), 0.6, draw.between(0.4, 0.5)), 1.5, 0.6);
    const parts: ThingPart[] = [
      { geometry: ring, finish: crust },
      { name: 'hole', geometry: hole, finish: crust },
      { name: 'icing', geometry: glaze(draw, at), finish: icingFinish(draw, colour) },
    ];
    const style = draw.pick(['sprinkles', 'sprinkles', 'plain', 'drizzle'] as const);
    if (style === 'sprinkles') parts.push(...sprinkles(draw, colour, (angle, turn) => at(angle, turn, 0.26)));
    if (style === 'drizzle') {
      parts.push({
        name: 'icing',
        geometry: drizzle(at),
        finish: icingFinish(draw, colour === 'white' || colour === 'yellow' ? 'brown' : 'white'),
      });
    }
    return { colours: [colour], parts };
  },
};

function sprinkles(draw: Draw, under: ColourWord, at: (angle: number, turn: number) => Vec3): ThingPart[] {
  const colours = draw
    .shuffle(['red', 'yellow', 'white', 'blue', 'green', 'pink', 'orange'] as const)
    .filter((word) => word !== under)
    .slice(0, draw.integer(3, 5));
  return colours.map((colour) => {
    const pieces = Array.from({ length: Math.round(64 / colours.length) }, () => {
      const angle = draw.between(0, 2 * Math.PI);
      const turn = Math.PI / 2 + draw.between(-1.1, 0.95);
      const normal: Vec3 = [Math.cos(turn) * Math.cos(angle), Math.cos(turn) * Math.sin(angle), Math.sin(turn)];
      return sprinkle(at(angle, turn), normal, draw.between(0, Math.PI));
    });
    return {
      name: 'icing',
      geometry: join(pieces),
      finish: finish(paintOf(colour, draw), { gloss: 0.5, grain: 0.02 }),
    };
  });
}
