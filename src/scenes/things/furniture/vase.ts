/** A vase, mostly with flowers. */
import { join, type Point, ring, vessel } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { curveThrough } from '../forms/outlines.ts';
import { tinted } from '../forms/paints.ts';
import { sculpted } from '../forms/surfaces.ts';
import { glazed, type ThingKind } from '../thing-kind.ts';
import { flowers } from './flowers.ts';

/** Outlines of vases from the foot to the mouth, [radius, height] in units of the height. */
const vaseShapes: readonly (readonly Point[])[] = [
  [
    [0.17, 0],
    [0.3, 0.14],
    [0.36, 0.36],
    [0.27, 0.62],
    [0.15, 0.8],
    [0.2, 1],
  ],
  [
    [0.18, 0],
    [0.2, 0.1],
    [0.29, 0.5],
    [0.33, 0.75],
    [0.24, 0.92],
    [0.2, 1],
  ],
  [
    [0.22, 0],
    [0.21, 0.2],
    [0.21, 0.7],
    [0.25, 0.9],
    [0.28, 1],
  ],
  [
    [0.26, 0],
    [0.38, 0.16],
    [0.37, 0.34],
    [0.2, 0.55],
    [0.11, 0.72],
    [0.12, 0.9],
    [0.17, 1],
  ],
  [
    [0.14, 0],
    [0.12, 0.08],
    [0.25, 0.3],
    [0.28, 0.5],
    [0.24, 0.72],
    [0.26, 0.9],
    [0.33, 1],
  ],
];

export const vase: ThingKind = {
  noun: 'vase',
  synonyms: ['flower vase'],
  parts: ['petal', 'stem', 'leaf'],
  colours: ['white', 'blue', 'teal', 'green', 'red', 'yellow', 'grey', 'black', 'pink', 'orange'],
  make(draw, colour) {
    const height = draw.between(14, 22);
    const shape = draw.pick(vaseShapes);
    const width = draw.between(0.85, 1.1) * height;
    const outline = curveThrough(
      shape.map(([radius, z]): Point => [radius * width, z * height]),
      18,
    );
    const accent = paintOf(
      draw.pick((['white', 'blue', 'black', 'beige'] as const).filter((word) => word !== colour)),
      draw,
    );
    const pattern = draw.pick(['plain', 'plain', 'plain', 'stripes', 'dots', 'speckle', 'marble'] as const);
    const look = glazed(draw, colour, {
      pattern,
      accent: pattern === 'speckle' || pattern === 'marble' ? tinted(paintOf(colour, draw), -0.6) : accent,
      period: pattern === 'stripes' ? height * draw.between(0.2, 0.35) : draw.between(2.4, 4),
    });
    const mouth = shape[shape.length - 1][0] * width;
    const ribbed = pattern === 'plain' && draw.chance(0.35);
    let body = vessel([[0, 0], [outline[0][0] * 0.96, 0], ...outline], 0.45, ribbed ? 60 : 36);
    if (ribbed)
      body = sculpted(body, (point) => {
        const swell = 1 + 0.035 * Math.cos(12 * Math.atan2(point.y, point.x));
        point.x *= swell;
        point.y *= swell;
      });
    const lip = ring(mouth - 0.2, 0.32).translate(0, 0, height);
    return {
      colours: [colour],
      material: 'ceramic',
      parts: [
        { geometry: join([body, lip]), finish: look },
        ...(draw.chance(0.75) ? flowers(draw, mouth, height) : []),
      ],
    };
  },
};
