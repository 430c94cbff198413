/** A kitchen knife, lying on its side. */
import type { BufferGeometry } from 'three';
import { cylinder, join, type Point, roundedBox } from '../../meshes.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { shaded } from '../forms/paints.ts';
import { smoothSlab } from '../forms/solids.ts';
import { metallic, moulded, type ThingKind, woodGrain } from '../thing-kind.ts';

/** Blades by form: [along, across] from the heel, tip at 1, back at +1, edge at -1. */
const blades: readonly { long: number; wide: number; outline: readonly Point[] }[] = [
  {
    long: 19,
    wide: 2.3,
    outline: [
      [0, 1],
      [0.5, 1],
      [0.8, 0.75],
      [0.93, 0.4],
      [1, 0],
      [0.9, -0.35],
      [0.7, -0.75],
      [0.4, -0.97],
      [0, -1],
    ],
  },
  {
    long: 17,
    wide: 2.4,
    outline: [
      [0, 1],
      [0.7, 1],
      [0.86, 0.75],
      [0.95, 0.25],
      [1, -0.5],
      [0.97, -0.85],
      [0.75, -0.96],
      [0.4, -1],
      [0, -1],
    ],
  },
  {
    long: 18,
    wide: 4.2,
    outline: [
      [0, 1],
      [0.97, 1],
      [1, 0.9],
      [1, -0.85],
      [0.97, -0.95],
      [0.5, -1],
      [0, -0.97],
    ],
  },
  {
    long: 11,
    wide: 1.4,
    outline: [
      [0, 1],
      [0.45, 1],
      [0.75, 0.6],
      [1, -0.3],
      [0.8, -0.75],
      [0.5, -0.97],
      [0, -1],
    ],
  },
];

function knifeHandle(back: number, grip: number): BufferGeometry {
  const handleLine = curveThrough(
    [
      [0.2, 1.1],
      [-grip * 0.3, 1.15],
      [-grip * 0.7, 0.9],
      [-grip, 1.1],
      [-grip - 0.6, 0],
      [-grip, -1.4],
      [-grip * 0.75, -0.9],
      [-grip * 0.35, -1.25],
      [-1.2, -0.95],
      [0.2, -1.1],
      [0.2, 1.1],
    ],
    44,
  ).slice(0, -1);
  return smoothSlab(handleLine, 1.9, 0.6).translate(0, back, -0.95);
}

export const knife: ThingKind = {
  noun: 'knife',
  synonyms: ['kitchen knife'],
  parts: ['blade', 'handle'],
  colours: ['black', 'brown', 'black', 'red', 'blue', 'white', 'green'],
  make(draw, colour) {
    const { long, wide, outline } = draw.pick(blades);
    const length = long * draw.between(0.9, 1.1);
    const half = (wide * draw.between(0.92, 1.08)) / 1;
    const scaled = (low: number): Point[] => outline.map(([x, y]): Point => [x * length, Math.max(y, low) * half]);
    const edge: Point[] = outline.map(([x, y]): Point => [x * length, y * half]);
    const blade = smoothSlab(scaled(-0.62), 0.3, 0.05).translate(0, 0, -0.15);
    const bright = smoothSlab(edge, 0.14, 0.04).translate(0, 0, -0.07);
    const back = half * 1 - 1.15;
    const grip = draw.between(10.5, 12.5);
    const handle = knifeHandle(back, grip);
    const rivets = [0.2, 0.5, 0.8].map((share) => cylinder(0.34, 0.34, 2, 14).translate(-grip * share, back, -1));
    const bolster = roundedBox(1.4, 2.2, 1.7, 0.4).translate(0.1, back, -0.85);
    const look = colour === 'brown' ? woodGrain(draw) : moulded(draw, colour);
    const steel = metallic(draw);
    const tilt = Math.atan2(0.85, length);
    const lie = (name: string, geometry: ReturnType<typeof join>, finish: Finish): ThingPart => ({
      name,
      geometry: geometry.rotateY(tilt).translate(-length * 0.25, 0, 0.99),
      finish,
    });
    return {
      colours: [colour, 'grey'],
      material: 'metal',
      parts: [
        lie('blade', blade, { ...steel, paint: shaded(steel.paint, 1.15) }),
        lie('blade', bright, { ...steel, paint: shaded(steel.paint, 1.9) }),
        lie('handle', handle, look),
        lie('handle', join([bolster]), steel),
        ...(draw.chance(0.7) ? [lie('handle', join(rivets), steel)] : []),
      ],
    };
  },
};
