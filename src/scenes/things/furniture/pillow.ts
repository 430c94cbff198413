/** A pillow, plain or tufted, sometimes with tassels. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { noise } from '../../finish.ts';
import { ellipsoid, join, lathe, tube } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { Finish, Paint, ThingPart, Vec3 } from '../../scene.ts';
import { tinted } from '../forms/paints.ts';
import { pointing } from '../forms/placing.ts';
import { uvSurface } from '../forms/surfaces.ts';
import type { ThingKind } from '../thing-kind.ts';
import { clothColours, contrast, fabric, woven } from './fabric.ts';

function pillowSeam(edge: (s: number, t: number) => Vec3): Vec3[] {
  return Array.from({ length: 48 }, (_, index): Vec3 => {
    const [side, along] = [Math.floor(index / 12), -1 + (index % 12) / 6];
    const [s, t] = (
      [
        [along, -1],
        [1, along],
        [-along, 1],
        [-1, -along],
      ] as const
    )[side];
    return edge(s, t);
  });
}

function pillowTassels(edge: (s: number, t: number) => Vec3): BufferGeometry {
  const tassels = [
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ].flatMap(([s, t]) => {
    const [x, y, z] = edge(s, t);
    const hang = lathe(
      [
        [0, -0.2],
        [0.6, 0],
        [0.45, 0.8],
        [0.55, 1],
        [1, 3.6],
        [0, 3.6],
      ],
      14,
    );
    return [pointing(hang, [x, y, z], [s, t, -0.45])];
  });
  return join(tassels);
}

function pillowFinish(draw: Draw, paint: Paint, accent: Paint, weave: string): Finish {
  const dotted = weave === 'plain' && draw.chance(0.5);
  return fabric(paint, dotted ? { pattern: 'dots', accent, period: draw.between(3, 4.4) } : {});
}

export const pillow: ThingKind = {
  noun: 'pillow',
  synonyms: ['cushion'],
  parts: [],
  colours: clothColours,
  make(draw, colour) {
    const width = draw.between(28, 38);
    const depth = draw.chance(0.6) ? width : width * draw.between(0.62, 0.8);
    const puff = draw.between(4.2, 6);
    const tufted = draw.chance(0.3);
    const paint = paintOf(colour, draw);
    const accent = contrast(draw, colour);
    const spread = (u: number) => 0.75 * (2 * u - 1) + 0.25 * Math.sin((Math.PI / 2) * (2 * u - 1));
    const rest = puff * 0.8;
    const edge = (s: number, t: number): Vec3 => [
      (width / 2) * s * (1 - 0.07 * (1 - t * t) * s * s),
      (depth / 2) * t * (1 - 0.07 * (1 - s * s) * t * t),
      0.25 + rest * (1 - 0.5 * s * s * t * t),
    ];
    const face =
      (side: number) =>
      (u: number, v: number): Vec3 => {
        const [s, t] = [spread(u), spread(v)];
        const [x, y, z] = edge(s, t);
        const dimple = tufted ? 1 - 0.42 * Math.exp(-(s * s + t * t) / 0.03) : 1;
        const creases = 1 + 0.1 * (noise(x * 0.3, y * 0.3, 7 * side) - 0.5);
        return [x, y, z + side * puff * dimple * creases * ((1 - s * s) * (1 - t * t)) ** 0.42];
      };
    const weave = draw.pick(['plain', 'plain', 'stripes', 'gingham', 'border', 'cross', 'band'] as const);
    const seam = pillowSeam(edge);
    const look = pillowFinish(draw, paint, accent, weave);
    const parts: ThingPart[] = [
      ...(weave === 'plain'
        ? [{ geometry: uvSurface(32, 32, face(1)), finish: look }]
        : woven(uvSurface(32, 32, face(1)), weave, paint, accent)),
      { geometry: uvSurface(24, 24, face(-0.8)), finish: look },
      { geometry: tube(seam, 0.42, 96, true), finish: draw.chance(0.6) ? fabric(accent) : fabric(tinted(paint, -0.3)) },
    ];
    if (tufted)
      parts.push({
        geometry: ellipsoid(1.1, 1.1, 0.6, 18).translate(0, 0, face(1)(0.5, 0.5)[2] + 0.1),
        finish: fabric(accent),
      });
    if (draw.chance(0.35)) parts.push({ geometry: pillowTassels(edge), finish: fabric(accent) });
    return {
      colours: weave === 'stripes' || weave === 'gingham' ? [colour, accent.word] : [colour],
      material: 'fabric',
      parts,
    };
  },
};
