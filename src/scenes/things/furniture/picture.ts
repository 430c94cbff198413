/** Simple pictures to hang in a frame, made of flat paper shapes. */
import type { Draw } from '../../draw.ts';
import type { Point } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Paint, ThingPart } from '../../scene.ts';
import { curveThrough, polygon } from '../forms/outlines.ts';
import { tinted } from '../forms/paints.ts';
import { upright } from '../forms/placing.ts';
import { flatShape } from '../forms/solids.ts';
import { finish } from '../thing-kind.ts';

/** Stacks shapes on each other towards -y; outlines are in units of the picture, both from 0 to 1. */
class Layers {
  readonly parts: ThingPart[] = [];
  private readonly width: number;
  private readonly height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }

  add(paint: Paint, outline: readonly Point[]): void {
    const flat = outline.map(([x, z]): Point => [(x - 0.5) * this.width, z * this.height]);
    const geometry = upright(flatShape(flat, 0.1)).translate(0, 0.1 - 0.05 * (this.parts.length + 1), 0);
    this.parts.push({ geometry, finish: finish(paint, { material: 'paper', gloss: 0.25, grain: 0.06 }) });
  }

  /** Round whatever the proportions of the picture; `size` in units of the shorter side. */
  disc(paint: Paint, x: number, z: number, size: number, corners = 30, inner?: number): void {
    const short = Math.min(this.width, this.height);
    const outline = polygon(corners, size * short, inner === undefined ? undefined : inner * short);
    this.add(
      paint,
      outline.map(([dx, dz]): Point => [x + dx / this.width, z + dz / this.height]),
    );
  }
}

const whole: Point[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

const box = (x: number, z: number, width: number, height: number): Point[] => [
  [x, z],
  [x + width, z],
  [x + width, z + height],
  [x, z + height],
];

const hill = (heights: readonly number[]): Point[] => [
  [0, 0],
  [1, 0],
  ...curveThrough(
    heights.map((z, index): Point => [1 - index / (heights.length - 1), z]),
    20,
  ),
];

const scenes: readonly ((draw: Draw, layers: Layers, paint: (word: ColourWord, tint?: number) => Paint) => void)[] = [
  (draw, layers, paint) => {
    layers.add(paint('blue', 0.6), whole);
    layers.disc(paint('yellow'), draw.between(0.2, 0.8), draw.between(0.72, 0.84), 0.12);
    layers.add(paint('teal', 0.1), hill([0.5, 0.68, 0.42, 0.6, 0.5]));
    layers.add(paint('green'), hill([0.3, 0.42, 0.34, 0.22, 0.36]));
    layers.add(paint('green', -0.4), hill([0.2, 0.1, 0.16, 0.2, 0.12]));
  },
  (draw, layers, paint) => {
    layers.add(paint('orange', 0.5), whole);
    layers.disc(paint('yellow'), 0.5, 0.5, 0.2);
    layers.add(paint('blue'), box(0, 0, 1, 0.42));
    const x = draw.between(0.35, 0.6);
    layers.add(paint('white'), [
      [x, 0.34],
      [x + 0.22, 0.36],
      [x, 0.78],
    ]);
    layers.add(paint('red'), [
      [x - 0.03, 0.38],
      [x - 0.03, 0.7],
      [x - 0.2, 0.38],
    ]);
    layers.add(paint('brown'), [
      [x - 0.24, 0.33],
      [x + 0.26, 0.33],
      [x + 0.16, 0.24],
      [x - 0.16, 0.24],
    ]);
  },
  (draw, layers, paint) => {
    layers.add(paint('yellow', 0.6), whole);
    layers.add(paint('green'), box(0.485, 0.08, 0.03, 0.45));
    layers.disc(paint('green', -0.2), 0.4, 0.28, 0.1, 4, 0.05);
    const petals = paint(draw.pick(['red', 'pink', 'purple', 'blue'] as const));
    layers.disc(petals, 0.5, 0.62, 0.3, 8, 0.17);
    layers.disc(paint('yellow'), 0.5, 0.62, 0.11);
  },
  (draw, layers, paint) => {
    layers.add(paint('teal', 0.65), whole);
    layers.add(paint('green'), box(0, 0, 1, 0.3));
    layers.add(paint(draw.pick(['white', 'yellow', 'pink'] as const)), box(0.26, 0.22, 0.48, 0.32));
    layers.add(paint('red'), [
      [0.2, 0.54],
      [0.8, 0.54],
      [0.5, 0.82],
    ]);
    layers.add(paint('brown'), box(0.45, 0.22, 0.11, 0.2));
    layers.add(paint('blue'), box(0.31, 0.36, 0.1, 0.1));
    layers.add(paint('blue'), box(0.6, 0.36, 0.1, 0.1));
  },
  (draw, layers, paint) => {
    const words = draw.shuffle(['red', 'blue', 'yellow', 'teal', 'orange', 'pink'] as const);
    layers.add(paint('beige', 0.4), whole);
    layers.add(paint(words[0]), box(0.1, 0.12, 0.5, 0.45));
    layers.disc(paint(words[1]), 0.62, 0.62, 0.26);
    layers.add(paint(words[2]), [
      [0.5, 0.1],
      [0.92, 0.1],
      [0.72, 0.5],
    ]);
    layers.disc(paint('black'), 0.3, 0.76, 0.1);
  },
];

/** Facing -y on the plane y = 0, from z = 0, centred across x. */
export function picture(draw: Draw, width: number, height: number): ThingPart[] {
  const layers = new Layers(width, height);
  const paint = (word: ColourWord, tint = 0) => tinted(paintOf(word, draw), tint);
  draw.pick(scenes)(draw, layers, paint);
  return layers.parts;
}
