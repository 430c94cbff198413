/** Bread: a tin loaf cut open, some slices of it, or a slice or two lying down. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { join, type Point } from '../../meshes.ts';
import type { Vec3 } from '../../scene.ts';
import { signedPower } from '../forms/outlines.ts';
import { exactPaint, shaded } from '../forms/paints.ts';
import { weldedSurface } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { baked } from './baked.ts';

interface Piece {
  crust: BufferGeometry;
  crumb: BufferGeometry;
}

interface Tin {
  width: number;
  height: number;
  /** How far the top hangs over, a share of the width. */
  bulge: number;
}

/** Outline of a tin loaf's cross-section, [across, up], at a turn 0..1. */
function loafOutline(turn: number, { width, height, bulge }: Tin): Point {
  const angle = 2 * Math.PI * turn - Math.PI / 2;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const up = signedPower(s, s < 0 ? 0.3 : 0.75);
  const above = Math.max(0, s);
  const across = signedPower(c, 0.36) * (1 + bulge * Math.sin(Math.PI * Math.min(1, above * 1.15)));
  return [(width / 2) * across * (1 - 0.05 * Math.max(0, -s)), height * (s < 0 ? 0.5 + 0.5 * up : 0.5 + 0.5 * up)];
}

/** A length of loaf along y, cut flat at the front and, unless `heel`, at the back; crust and crumb. */
function loaf(tin: Tin, length: number, heel: boolean): Piece {
  const { width, height } = tin;
  const rim = 0.45;
  const shrunk = (turn: number, by: number, y: number): Vec3 => {
    const [x, z] = loafOutline(turn, tin);
    const share = 1 - (2 * by) / width;
    return [x * share, y, height / 2 + (z - height / 2) * share];
  };
  // Rows: [distance from the outline, y].
  const back: Point[] = heel
    ? [
        [0, length * 0.82],
        [width * 0.02, length * 0.9],
        [width * 0.06, length * 0.95],
        [width * 0.13, length * 0.985],
        [width * 0.25, length],
        [width * 0.5, length * 1.01],
      ]
    : [
        [0, length - 0.1],
        [0.05, length],
        [rim, length],
      ];
  const rows: Point[] = [[rim, 0], [0.05, 0], [0, 0.1], [0, length * 0.3], [0, length * 0.6], ...back];
  const crust = weldedSurface(
    (u, v) => shrunk(u, ...(rows[Math.round(v * (rows.length - 1))] as [number, number])),
    48,
    rows.length - 1,
    0.8,
  );
  const faces = (heel ? [0.05] : [0.05, length - 0.05]).map((y) =>
    weldedSurface(
      (u, v) => {
        const p = shrunk(u, rim, y);
        return [p[0] * v, y, height / 2 + (p[2] - height / 2) * v];
      },
      48,
      2,
    ),
  );
  return { crust, crumb: join(faces) };
}

function movedPiece({ crust, crumb }: Piece, move: (mesh: BufferGeometry) => void): Piece {
  move(crust);
  move(crumb);
  return { crust, crumb };
}

/** Slices lying on each other. */
function lyingSlices(draw: Draw, tin: Tin): Piece[] {
  return Array.from({ length: draw.integer(1, 3) }, (_, i) => {
    const [turn, x, y] = [draw.between(-0.5, 0.5), draw.between(-1.2, 1.2), draw.between(-1.2, 1.2)];
    return movedPiece(loaf(tin, 1.4, false), (mesh) =>
      mesh
        .translate(0, 0, -tin.height / 2)
        .rotateX(Math.PI / 2)
        .rotateZ(turn)
        .translate(i * x, i * y, i * 1.42),
    );
  });
}

/** A loaf with its cut end at the front, askew, and so many slices of it before it. */
function standingLoaf(draw: Draw, tin: Tin, slices: number): Piece[] {
  const length = draw.between(13, 18);
  const turn = draw.between(0.5, 0.9) * draw.pick([-1, 1]);
  const back = length / 2 - slices;
  return [
    movedPiece(loaf(tin, length, true), (mesh) => mesh.translate(0, -back, 0).rotateZ(turn)),
    ...Array.from({ length: slices }, (_, i) =>
      movedPiece(loaf(tin, 1.3, false), (mesh) =>
        mesh
          .rotateX(0.1 + 0.12 * i)
          .translate(0, -back - 2.2 - 2.1 * i, 0)
          .rotateZ(turn),
      ),
    ),
  ];
}

export const bread: ThingKind = {
  noun: 'bread',
  synonyms: ['loaf', 'loaf of bread'],
  parts: ['crust'],
  colours: ['brown'],
  make(draw, colour) {
    const width = draw.between(9.5, 11.5);
    const tin: Tin = { width, height: width * draw.between(0.9, 1.1), bulge: draw.between(0.08, 0.16) };
    const form = draw.pick(['loaf', 'sliced', 'slice'] as const);
    const pieces =
      form === 'slice' ? lyingSlices(draw, tin) : standingLoaf(draw, tin, form === 'sliced' ? draw.integer(1, 3) : 0);
    const wholemeal = draw.chance(0.3);
    const crumb = wholemeal ? exactPaint('brown', 30, 0.45, 0.52) : exactPaint('beige', 40, 0.8, 0.83);
    const golden = exactPaint('brown', draw.between(24, 30), 0.62, draw.between(0.32, 0.42));
    const holes = { accent: shaded(crumb, 0.82), pattern: 'speckle', period: 0.45 } as const;
    return {
      colours: form === 'slice' && !wholemeal ? ['beige', colour] : [colour],
      parts: [
        {
          geometry: join(pieces.map((piece) => piece.crumb)),
          finish: finish(crumb, { ...holes, grain: 0.2, gloss: 0 }),
        },
        { name: 'crust', geometry: join(pieces.map((piece) => piece.crust)), finish: baked(golden, 2.5, 0.6) },
      ],
    };
  },
};
