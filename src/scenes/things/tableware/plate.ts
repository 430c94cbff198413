/** A plate with a rim. */
import { lathe, type Point } from '../../meshes.ts';
import type { ThingPart } from '../../scene.ts';
import { split } from '../forms/cutting.ts';
import { smoothProfile } from '../forms/outlines.ts';
import { welded } from '../forms/surfaces.ts';
import { glazed, type ThingKind } from '../thing-kind.ts';

type Ring = (share: number) => boolean;

/** Bands of a second colour on a plate, by the share of its radius. */
const bands: Record<string, Ring> = {
  plain: () => false,
  dots: () => false,
  edge: (share) => share > 0.93,
  double: (share) => share > 0.97 || (share > 0.79 && share < 0.82),
  flange: (share) => share > 0.82 && share < 0.93,
};

function plateProfile(radius: number, well: number, lift: number): Point[] {
  const edge = lift * 0.62;
  const under: Point[] = [
    [0, 0.3],
    [well * 0.8, 0.3],
    [well * 0.82, 0],
    [well * 0.88, 0],
    [well * 0.92, 0.4],
    [well * 1.08, edge * 0.75],
    [radius * 0.985, lift - 0.3],
    [radius, lift - 0.1],
    [radius * 0.992, lift],
  ];
  // Where bands end there are rings of vertices.
  const flange = [0.97, 0.93, 0.82, 0.79].map((share): Point => {
    const out = (radius * share - well) / (radius - well);
    return [radius * share, edge + 0.25 + (lift - edge - 0.28) * out ** 1.3];
  });
  const upper: Point[] = [
    ...flange,
    [well * 1.08, edge + 0.24],
    [well * 1.02, edge + 0.08],
    [well * 0.97, edge * 0.4 + 0.42],
    [well * 0.9, 0.58],
    [well * 0.5, 0.55],
    [0, 0.55],
  ];
  return [...under, ...smoothProfile(upper, 3)];
}

export const plate: ThingKind = {
  noun: 'plate',
  synonyms: ['dish'],
  parts: ['rim'],
  colours: ['white', 'blue', 'green', 'yellow', 'grey', 'pink', 'black', 'teal', 'red'],
  make(draw, colour) {
    const radius = draw.between(9, 13);
    const well = radius * draw.between(0.6, 0.68);
    const body = glazed(draw, colour);
    const whole = welded(lathe(plateProfile(radius, well, radius * draw.between(0.19, 0.25)), 64));
    const [dish, rim] = split(whole, (x, y, z) => Math.hypot(x, y) > well * 1.03 && z > 0.35);
    const style = draw.pick(['plain', 'edge', 'edge', 'double', 'flange', 'dots'] as const);
    const second =
      colour === 'white'
        ? draw.pick(['blue', 'red', 'green', 'yellow', 'teal'] as const)
        : draw.pick(['white', 'white', 'brown'] as const);
    const accent = glazed(draw, second);
    const [plainRim, ringed] = split(rim, (x, y) => bands[style](Math.hypot(x, y) / radius));
    const dotted = { ...body, accent: accent.paint, pattern: 'dots', period: radius * 0.16 } as const;
    const parts: ThingPart[] = [
      { geometry: dish, finish: body },
      { name: 'rim', geometry: plainRim, finish: style === 'dots' ? dotted : body },
    ];
    if (style !== 'plain' && style !== 'dots') parts.push({ name: 'rim', geometry: ringed, finish: accent });
    return { colours: [colour], material: 'ceramic', parts };
  },
};
