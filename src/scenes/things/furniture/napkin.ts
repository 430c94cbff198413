/** A cloth napkin: folded flat, or a fan in a ring. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { noise } from '../../finish.ts';
import { join, lathe, rod, roundedBox } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { Paint, ThingPart, Vec3 } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { tinted } from '../forms/paints.ts';
import { bothSides } from '../forms/placing.ts';
import { plump } from '../forms/solids.ts';
import { uvSurface } from '../forms/surfaces.ts';
import { metallic, type ThingKind, woodGrain } from '../thing-kind.ts';
import { contrast, fabric, woven } from './fabric.ts';

/** A pleated fan that stands in a ring. */
function fan(draw: Draw, size: number, paint: Paint, accent: Paint): ThingPart[] {
  const folds = 12;
  const leaf =
    (from: number, to: number) =>
    (u: number, v: number): Vec3 => {
      const turn = (u - 0.5) * 2.1;
      const reach = from + v * (to - from);
      const zigzag = 0.5 * Math.cos(Math.PI * u * folds);
      return [reach * Math.sin(turn), zigzag * (0.6 + 0.14 * reach), 2.1 + reach * Math.cos(turn)];
    };
  const open = uvSurface(folds * 4, 12, leaf(0.3, size));
  const trim = uvSurface(folds * 4, 2, leaf(size * 0.84, size * 0.93)).translate(0, -0.05, 0);
  const below = uvSurface(folds * 4, 4, (u, v) => {
    const [x, y, z] = leaf(0.2, 2.3)(u, v);
    return [x * 1.8, y * 3.2, Math.max(4.2 - z, 0)];
  });
  const clasp = lathe(
    curveThrough(
      [
        [1.15, -0.8],
        [1.45, -0.4],
        [1.45, 0.4],
        [1.15, 0.8],
      ],
      10,
    ),
    28,
  ).translate(0, 0, 2.2);
  const look = fabric(paint);
  return [
    { geometry: join([open, below]), finish: look },
    { geometry: join([trim, trim.clone().translate(0, 0.1, 0)]), finish: fabric(accent) },
    { geometry: clasp, finish: draw.chance(0.5) ? metallic(draw, draw.pick(['grey', 'yellow'])) : woodGrain(draw) },
  ];
}

function foldedTriangles(size: number, layers: number, thick: number): BufferGeometry[] {
  return Array.from({ length: layers }, (_, index) => {
    const reach = size * (1 - 0.045 * index);
    return plump(
      [
        [-reach, -reach / 2],
        [reach, -reach / 2],
        [0, reach / 2],
      ],
      thick,
      thick * 0.45,
      2,
    ).translate(0.1 * index, -0.06 * reach * (layers - index) * 0.2, index * thick * 0.98);
  });
}

function foldedSheets(layers: number, thick: number, width: number, depth: number): BufferGeometry[] {
  return Array.from({ length: layers }, (_, index) =>
    roundedBox(
      width - 0.35 * (layers - 1 - index) ** 0.8,
      depth - 0.25 * (layers - 1 - index),
      thick * 0.94,
      0.16,
    ).translate(-0.08 * index, 0.07 * index, index * thick),
  );
}

function napkinCover(layers: number, top: number, width: number, depth: number): BufferGeometry {
  return uvSurface(32, 32, (u, v) => {
    const [s, t] = [2 * u - 1, 2 * v - 1];
    const drop = 0.26 * (s ** 16 + t ** 16);
    const wave = 0.35 * noise(u * 2.4, v * 2.4, layers) + 0.25 * Math.max(0, s * t) ** 4;
    return [
      (width / 2 + 0.08) * s - 0.1,
      (depth / 2 + 0.08) * t,
      top + 0.02 + wave * (1 - Math.max(s ** 8, t ** 8)) - drop,
    ];
  });
}

export const napkin: ThingKind = {
  noun: 'napkin',
  synonyms: ['serviette', 'cloth napkin'],
  parts: [],
  colours: ['white', 'white', 'red', 'blue', 'green', 'yellow', 'pink', 'teal', 'beige', 'purple'],
  make(draw, colour) {
    const paint = paintOf(colour, draw);
    const accent = contrast(draw, colour);
    const size = draw.between(11, 16);
    const style = draw.pick(['square', 'square', 'oblong', 'triangle', 'fan'] as const);
    const result = (parts: ThingPart[], second = false) => ({
      colours: second ? [colour, accent.word] : [colour],
      material: 'fabric' as const,
      parts,
    });
    if (style === 'fan') return result(fan(draw, size * 0.75, paint, accent));
    const layers = draw.integer(3, 4);
    const thick = 0.34;
    const top = layers * thick;
    if (style === 'triangle') {
      const pattern = draw.pick(['plain', 'checks', 'dots'] as const);
      const look = fabric(paint, { pattern, accent, period: 2 * top });
      const sheets = foldedTriangles(size, layers, thick);
      return result([{ geometry: join(sheets), finish: look }], pattern === 'checks');
    }
    const [width, depth] = style === 'square' ? [size, size] : [size * 0.62, size * 1.3];
    const weave = draw.pick(['stripes', 'gingham', 'border', 'border', 'cross', 'band'] as const);
    const sheets = foldedSheets(layers, thick, width, depth);
    const fold = bothSides((side) =>
      rod([-width / 2 + 0.2, -depth / 2 + 0.2, 0], [width / 2 - 0.5, -depth / 2 + 0.2, 0], 0.33).translate(
        0,
        0,
        top / 2 + side * top * 0.22,
      ),
    );
    const cover = napkinCover(layers, top, width, depth);
    const parts = [
      { geometry: join([...sheets, fold]), finish: fabric(tinted(paint, -0.06)) },
      ...woven(cover, weave, paint, accent),
    ];
    return result(parts, weave === 'stripes' || weave === 'gingham');
  },
};
