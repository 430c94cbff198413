/** Bottles of four forms, with a label and a cap. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, join, type Point } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { creasedLathe } from '../forms/solids.ts';
import { finish, metallic, moulded, type ThingKind } from '../thing-kind.ts';
import { labelBand } from './label.ts';

/** A ribbed screw cap. */
function screwCap(radius: number, height: number) {
  const cap = creasedLathe(
    [
      [radius, 0],
      [radius, height - 0.25],
      [radius - 0.25, height],
      [0, height],
    ],
    32,
  );
  const ribs = Array.from({ length: 20 }, (_, index) =>
    cylinder(0.13, 0.13, height * 0.8, 6)
      .translate(0, -radius, height * 0.06)
      .rotateZ((index / 20) * 2 * Math.PI),
  );
  return join([cap, ...ribs]);
}

type BottleForm = 'soda' | 'sauce' | 'wine' | 'squeeze';

function bottleShoulder(form: BottleForm, r: number, h: number, neck: number): Point[] {
  return {
    soda: curveThrough(
      [
        [r, h * 0.58],
        [r * 0.98, h * 0.66],
        [r * 0.72, h * 0.82],
        [neck, h * 0.95],
        [neck, h],
      ],
      16,
    ),
    sauce: curveThrough(
      [
        [r, h * 0.55],
        [r * 0.96, h * 0.64],
        [r * 0.62, h * 0.76],
        [neck, h * 0.86],
        [neck, h],
      ],
      16,
    ),
    wine: curveThrough(
      [
        [r, h * 0.55],
        [r * 0.95, h * 0.62],
        [r * 0.55, h * 0.71],
        [neck, h * 0.78],
        [neck, h],
      ],
      18,
    ),
    squeeze: curveThrough(
      [
        [r, h * 0.78],
        [r * 0.94, h * 0.87],
        [r * 0.6, h * 0.96],
        [neck, h],
      ],
      14,
    ),
  }[form];
}

function bottleBody(form: BottleForm, r: number, h: number, neck: number): BufferGeometry {
  const shoulder = bottleShoulder(form, r, h, neck);
  const waist: Point[] =
    form === 'soda'
      ? curveThrough(
          [
            [r * 0.98, 1],
            [r, 2.5],
            [r * 0.93, h * 0.2],
            [r, h * 0.29],
          ],
          12,
        )
      : [[r, 0.7]];
  return creasedLathe([[0, 0.4], [r * 0.6, 0.3], [r * 0.85, 0], [r * 0.95, 0.15], ...waist, ...shoulder, [0, h]], 44);
}

function squeezeNozzle(r: number): BufferGeometry {
  return creasedLathe(
    [
      [r * 0.72, -0.6],
      [r * 0.72, 0.7],
      [r * 0.62, 1],
      ...curveThrough(
        [
          [0.9, 1.2],
          [0.65, 2.6],
          [0.35, 4.2],
        ],
        8,
      ),
      [0, 4.2],
    ],
    32,
  );
}

function wineFoil(h: number, neck: number): BufferGeometry {
  return creasedLathe(
    [
      [neck + 0.1, -h * 0.13],
      [neck + 0.12, 0],
      [neck + 0.35, 0.05],
      [neck + 0.35, 0.7],
      [neck + 0.1, 0.9],
      [0, 0.9],
    ],
    32,
  );
}

function bottleCap(form: BottleForm, r: number, h: number, neck: number): BufferGeometry {
  if (form === 'squeeze') return squeezeNozzle(r);
  return form === 'wine' ? wineFoil(h, neck) : screwCap(neck + 0.3, 1.9).translate(0, 0, -0.6);
}

function capFinish(draw: Draw, colour: ColourWord, form: BottleForm): Finish {
  const capColour = draw.pick(
    (['red', 'white', 'black', 'blue', 'yellow', 'green'] as const).filter((word) => word !== colour),
  );
  return form === 'wine' || draw.chance(0.2)
    ? { ...metallic(draw), paint: paintOf(draw.pick(['grey', 'yellow', 'red'] as const), draw) }
    : moulded(draw, capColour);
}

export const bottle: ThingKind = {
  noun: 'bottle',
  synonyms: [],
  parts: ['cap', 'label'],
  colours: ['green', 'brown', 'red', 'black', 'yellow', 'blue', 'orange', 'white', 'green', 'purple'],
  make(draw, colour) {
    const form = draw.pick(['soda', 'sauce', 'wine', 'squeeze'] as const);
    const r = { soda: 3.4, sauce: 3, wine: 3.7, squeeze: 3.1 }[form] * draw.between(0.92, 1.1);
    const h = { soda: 23, sauce: 19, wine: 29, squeeze: 17 }[form] * draw.between(0.94, 1.06);
    const neck = { soda: 1.25, sauce: 1.3, wine: 1.4, squeeze: 1.5 }[form];
    const body = bottleBody(form, r, h, neck);
    const plastic = form === 'squeeze' || (form === 'soda' && draw.chance(0.6));
    const look = finish(paintOf(colour, draw), { gloss: 1, grain: 0.02, material: plastic ? 'plastic' : undefined });
    const capLook = capFinish(draw, colour, form);
    const cap = bottleCap(form, r, h, neck);
    const [low, high] = { soda: [0.31, 0.56], sauce: [0.12, 0.5], wine: [0.15, 0.5], squeeze: [0.18, 0.7] }[form];
    return {
      colours: [colour],
      material: plastic ? 'plastic' : undefined,
      parts: [
        { geometry: body, finish: look },
        ...labelBand(draw, r + 0.05, h * low, h * high, colour),
        { name: 'cap', geometry: cap.translate(0, 0, h), finish: capLook },
      ],
    };
  },
};
