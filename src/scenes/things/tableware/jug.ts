/** A jug with a lip. */
import type { BufferGeometry } from 'three';
import { cylinder, join, lathe, type Point } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { split } from '../forms/cutting.ts';
import { welded } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { ear, hollow, patterned, radiusAt, withPointAt } from './vessels.ts';

/** A turned vessel of height h, its rim pulled out to a lip of `reach` cm on the -x side: the rest, and the lip. */
function lippedVessel(profile: readonly Point[], h: number, reach: number): [BufferGeometry, BufferGeometry] {
  const columns = 52;
  const [from, root] = [h * 0.72, h * 0.8];
  const straight = lathe(withPointAt(profile, root), columns);
  const moved = straight.clone();
  const { position } = moved.attributes;
  for (let i = 0; i < position.count; i++) {
    const [x, y, z] = [position.getX(i), position.getY(i), position.getZ(i)];
    const side = Math.min(1, Math.abs(Math.atan2(y, -x)) / 0.62);
    const up = Math.max(0, (z - from) / (h - from));
    const pull = (0.5 + 0.5 * Math.cos(Math.PI * side)) * up ** 1.6;
    position.setXYZ(i, x - reach * pull, y * (1 - 0.35 * pull), z + reach * 0.3 * pull);
  }
  // Whole columns of cells, so that the seam is straight.
  const half = (4 / columns) * 2 * Math.PI;
  return split(welded(moved), (x, y, z) => z > root && Math.abs(Math.atan2(y, -x)) < half, straight);
}

function jugProfile(r: number, h: number, neck: number): Point[] {
  return [
    [0, 0.15],
    [r * 0.65, 0.15],
    [r * 0.67, 0],
    [r * 0.72, 0],
    [r * 0.72, 0],
    [r * 0.76, 0.4],
    [r * 0.97, h * 0.2],
    [r, h * 0.34],
    [r * 0.88, h * 0.55],
    [r * neck, h * 0.76],
    [r * (neck + 0.02), h * 0.88],
    [r * (neck + 0.12), h],
  ];
}

export const jug: ThingKind = {
  noun: 'jug',
  synonyms: ['pitcher', 'milk jug'],
  parts: ['handle', 'spout'],
  colours: ['white', 'blue', 'yellow', 'green', 'beige', 'teal', 'pink', 'red'],
  make(draw, colour) {
    const r = draw.between(4.2, 5.6);
    const h = r * draw.between(2.5, 3.1);
    const neck = draw.between(0.62, 0.74);
    const { outside, inside } = hollow(jugProfile(r, h, neck), 0.4);
    const reach = r * draw.between(0.45, 0.6);
    const [shell, spoutOutside] = lippedVessel(outside, h, reach);
    const [well, spoutInside] = lippedVessel(inside, h, reach);
    const look = patterned(draw, colour, 0.35);
    const plain = { ...look, accent: undefined };
    const handle = ear(
      [r * neck, h * 0.9],
      [r * 0.97, h * 0.32],
      r * draw.between(0.6, 0.85),
      draw.between(0.55, 0.7),
      draw.chance(0.7),
    );
    const parts: ThingPart[] = [
      { geometry: shell, finish: look },
      { geometry: well, finish: plain },
      { name: 'spout', geometry: join([spoutOutside, spoutInside]), finish: plain },
      { name: 'handle', geometry: handle, finish: plain },
    ];
    if (draw.chance(0.5)) {
      const milk = finish(paintOf('white', draw), { gloss: 0.4, grain: 0 });
      const radius = radiusAt(outside, h * 0.8) - 0.3;
      parts.push({ geometry: cylinder(radius, radius, 0.1).translate(0, 0, h * 0.8), finish: milk });
    }
    return { colours: [colour], material: 'ceramic', parts };
  },
};
