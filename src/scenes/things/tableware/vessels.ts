/** What cups, bowls and pots share: walls, the ear of a handle, glazes. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import type { Point } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, Vec3 } from '../../scene.ts';
import { smoothProfile } from '../forms/outlines.ts';
import { planarTube } from '../forms/tubes.ts';
import { glazed } from '../thing-kind.ts';

/**
 * An open vessel from the middle of its foot up to the rim: the outer face and rounded rim, and the inner face at `wall`
 * distance.
 */
export function hollow(outer: readonly Point[], wall: number): { outside: Point[]; inside: Point[] } {
  const outside = smoothProfile(outer, 3);
  const [radius, height] = outside[outside.length - 1];
  const rim = Array.from({ length: 5 }, (_, i): Point => {
    const angle = (i / 4) * Math.PI;
    return [radius - wall / 2 + (wall / 2) * Math.cos(angle), height + (wall / 2) * Math.sin(angle)];
  });
  const inside = outside
    .map(([r, z]): Point => [Math.max(r - wall, 0), Math.max(z, wall * 1.6)])
    .filter(([r, z]) => r > 0 || z > wall * 1.7)
    .reverse();
  return { outside: [...outside, ...rim], inside: [...inside, [0, wall * 1.6]] };
}

/** The profile with a point added wherever it passes the height. */
export function withPointAt(profile: readonly Point[], height: number): Point[] {
  return profile.flatMap((point, index) => {
    const next = profile[index + 1];
    if (!next || (point[1] - height) * (next[1] - height) >= 0) return [point];
    const t = (height - point[1]) / (next[1] - point[1]);
    return [point, [point[0] + t * (next[0] - point[0]), height] as Point];
  });
}

/** Radius of the outside at a height. */
export function radiusAt(profile: readonly Point[], height: number): number {
  const above = profile.findIndex(([r, z], i) => i > 0 && r > 0 && z >= height && profile[i - 1][1] <= height);
  return above < 0 ? profile[profile.length - 1][0] : profile[above][0];
}

/** A handle in the xz plane on the +x side: an ear from the upper to the lower joint. */
export function ear(upper: Point, lower: Point, reach: number, thickness: number, round: boolean): BufferGeometry {
  const [top, bottom] = [upper[1], lower[1]];
  const at = (share: number) => bottom + (top - bottom) * share;
  const base = Math.max(upper[0], lower[0]);
  const points: Vec3[] = round
    ? [
        [upper[0] - 0.2, 0, top],
        [base + reach * 0.55, 0, at(1.06)],
        [base + reach, 0, at(0.6)],
        [base + reach * 0.75, 0, at(0.15)],
        [lower[0] - 0.2, 0, bottom],
      ]
    : [
        [upper[0] - 0.2, 0, top],
        [base + reach * 0.7, 0, at(1.02)],
        [base + reach, 0, at(0.86)],
        [base + reach, 0, at(0.4)],
        [base + reach * 0.8, 0, at(0.02)],
        [lower[0] - 0.2, 0, bottom],
      ];
  const flare = (t: number) => thickness * (0.85 + 0.6 * Math.abs(2 * t - 1) ** 5);
  return planarTube(points, flare, { wide: 1.25, thick: 0.8, sides: 14, cells: 30 });
}

/** A glaze, now and then with a pattern in a second colour. */
export function patterned(draw: Draw, colour: ColourWord, chance: number): Finish {
  const plain = glazed(draw, colour);
  if (!draw.chance(chance)) return plain;
  const accent = paintOf(colour === 'white' ? draw.pick(['blue', 'red', 'green', 'pink'] as const) : 'white', draw);
  const pattern = draw.pick(['dots', 'stripes', 'speckle'] as const);
  const period = pattern === 'speckle' ? 0.5 : draw.between(1.6, 2.6);
  return { ...plain, accent, pattern, period };
}
