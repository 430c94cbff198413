/**
 * The things on the tabletop and what they are painted with. Colours are chosen so that every labelled thing is of
 * another basic colour; patterns are there so that surfaces can be told apart from each other and from view to view.
 */
import { randomUniform, streams } from '../math/random.ts';
import { type Albedo, decodeSrgb, type Part } from './ray-tracer.ts';
import { box, cylinder, ellipsoid, sphere, type Vec3 } from './shapes.ts';

export interface Thing {
  name: string;
  /** What a person would ask for; absent when the thing is not labelled. */
  phrase?: string;
  parts: Part[];
}

/** Linear-light colour of an sRGB triple 0..255. */
const paint = (r: number, g: number, b: number): Vec3 => [decodeSrgb(r), decodeSrgb(g), decodeSrgb(b)];

const blend = (a: Vec3, b: Vec3, t: number): Vec3 => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];

const smooth = (t: number): number => t * t * (3 - 2 * t);

/** Value noise in [0, 1) on the unit lattice. */
function noise(seed: number, x: number, y: number): number {
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const corner = (a: number, b: number) => randomUniform(seed, streams.scene, 7919 + i + a, 104729 + j + b);
  const [u, v] = [smooth(x - i), smooth(y - j)];
  const low = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * u;
  const high = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * u;
  return low + (high - low) * v;
}

const plain =
  (colour: Vec3): Albedo =>
  () =>
    colour;

/** Two tones in patches of `size` scene units, on any shape. */
function mottled(seed: number, light: Vec3, dark: Vec3, size: number): Albedo {
  return ({ local: [x, y, z] }) => {
    const value =
      noise(seed, (x + 0.7 * z) / size, (y - 0.7 * z) / size) * 0.7 + noise(seed + 1, x / size + 3 * z, y / size) * 0.3;
    return blend(light, dark, smooth(Math.min(1, Math.max(0, value * 1.6 - 0.3))));
  };
}

/** Bands across the vertical axis. */
function banded(light: Vec3, dark: Vec3, period: number, share: number): Albedo {
  return ({ local: [, , z] }) => ((((z / period) % 1) + 1) % 1 < share ? dark : light);
}

function woodPlanks(seed: number): Albedo {
  const light = paint(176, 124, 78);
  const dark = paint(120, 74, 40);
  const seam = paint(70, 42, 22);
  return ({ local: [x, y] }) => {
    const plank = Math.floor(y / 0.31);
    const across = y / 0.31 - plank;
    if (across < 0.03) return seam;
    const grain =
      noise(seed + plank, x * 2.2 + 13 * plank, y * 26) * 0.6 + noise(seed + 40, x * 0.9 - plank, y * 9) * 0.4;
    return blend(light, dark, grain);
  };
}

/** Pale paper with a lozenge print, so that the wall has something to be recognised by. */
function wallpaper(): Albedo {
  const paper = paint(196, 198, 204);
  const print = paint(148, 154, 166);
  return ({ local: [x, , z] }) => {
    const [u, v] = [x / 0.55 + z / 0.55, x / 0.55 - z / 0.55];
    const [a, b] = [Math.abs(u - Math.round(u)), Math.abs(v - Math.round(v))];
    return Math.min(a, b) < 0.035 || Math.hypot(a - 0.5, b - 0.5) < 0.13 ? print : paper;
  };
}

function floorTiles(seed: number): Albedo {
  return ({ local: [x, y] }) => {
    const [i, j] = [Math.floor(x / 0.6), Math.floor(y / 0.6)];
    const tone = 96 + 26 * ((i + j) & 1) + 14 * noise(seed, x * 3, y * 3);
    return paint(tone, tone, tone + 4);
  };
}

/** Cover all round, pages on three sides. */
function book(cover: Vec3, half: Vec3): Albedo {
  const pages = paint(236, 230, 214);
  const title = blend(cover, [1, 1, 1], 0.55);
  return ({ local: [x, y, z] }) => {
    const side = Math.abs(z) < 0.8 * half[2] && (Math.abs(y) > 0.97 * half[1] || x > 0.97 * half[0]);
    if (side) return pages;
    const lettering =
      z > 0.9 * half[2] && Math.abs(y) < 0.45 * half[1] && Math.abs(Math.abs(x) - 0.3 * half[0]) < 0.07 * half[0];
    return lettering ? title : cover;
  };
}

function giftBox(paper: Vec3, ribbon: Vec3): Albedo {
  return ({ local: [x, y] }) => (Math.abs(x) < 0.045 || Math.abs(y) < 0.045 ? ribbon : paper);
}

/** In the order of their instance ids, which count from 1. */
export function tabletopThings(seed: number): Thing[] {
  const bookHalf: Vec3 = [0.42, 0.3, 0.075];
  const duck = mottled(seed + 3, paint(250, 214, 40), paint(238, 190, 16), 0.16);
  const vase = banded(paint(128, 62, 170), paint(98, 40, 142), 0.14, 0.4);
  const cup = banded(paint(60, 170, 74), paint(36, 132, 52), 0.17, 0.3);
  return [
    { name: 'floor', parts: [{ shape: box([0, 0, -1.35], [9, 9, 0.1]), albedo: floorTiles(seed), gloss: 0 }] },
    {
      name: 'wall',
      parts: [
        { shape: box([0, 2.3, 2], [6, 0.1, 5]), albedo: wallpaper(), gloss: 0 },
        { shape: box([-6, -2, 2], [0.1, 6, 5]), albedo: plain(paint(180, 184, 190)), gloss: 0 },
        { shape: box([6, -2, 2], [0.1, 6, 5]), albedo: plain(paint(180, 184, 190)), gloss: 0 },
      ],
    },
    {
      name: 'table',
      phrase: 'brown table',
      parts: [
        { shape: box([0, 0, -0.06], [1.75, 1.2, 0.06]), albedo: woodPlanks(seed + 20), gloss: 0.25 },
        ...[-1, 1].flatMap((x) =>
          [-1, 1].map((y) => ({
            shape: box([1.6 * x, 1.05 * y, -0.69], [0.07, 0.07, 0.57]),
            albedo: plain(paint(120, 76, 44)),
            gloss: 0,
          })),
        ),
      ],
    },
    {
      name: 'ball',
      phrase: 'red ball',
      parts: [
        {
          shape: sphere([-0.42, -0.42, 0.27], 0.27),
          albedo: mottled(seed + 1, paint(224, 36, 40), paint(186, 20, 28), 0.2),
          gloss: 0.8,
        },
      ],
    },
    {
      name: 'duck',
      phrase: 'yellow duck',
      parts: [
        { shape: ellipsoid([0.42, -0.52, 0.19], [0.29, 0.2, 0.19], 0.5), albedo: duck, gloss: 0.5 },
        { shape: sphere([0.58, -0.44, 0.44], 0.145), albedo: duck, gloss: 0.5 },
        {
          shape: ellipsoid([0.72, -0.37, 0.42], [0.075, 0.06, 0.03], 0.5),
          albedo: plain(paint(240, 120, 20)),
          gloss: 0.4,
        },
        { shape: sphere([0.675, -0.5, 0.49], 0.025), albedo: plain(paint(20, 20, 20)), gloss: 1 },
        { shape: sphere([0.61, -0.325, 0.49], 0.025), albedo: plain(paint(20, 20, 20)), gloss: 1 },
      ],
    },
    {
      name: 'book',
      phrase: 'blue book',
      parts: [
        { shape: box([-1.05, 0.28, 0.075], bookHalf, 0.55), albedo: book(paint(34, 84, 190), bookHalf), gloss: 0.2 },
      ],
    },
    {
      name: 'cup',
      phrase: 'green cup',
      parts: [
        { shape: cylinder([0.02, 0.32, 0.25], 0.21, 0.25), albedo: cup, gloss: 0.6 },
        { shape: box([0.25, 0.32, 0.27], [0.07, 0.03, 0.13]), albedo: plain(paint(44, 146, 60)), gloss: 0.6 },
      ],
    },
    {
      name: 'vase',
      phrase: 'purple vase',
      parts: [
        { shape: ellipsoid([0.72, 0.52, 0.3], [0.25, 0.25, 0.31]), albedo: vase, gloss: 0.7 },
        { shape: cylinder([0.72, 0.52, 0.68], 0.1, 0.15), albedo: vase, gloss: 0.7 },
        { shape: cylinder([0.72, 0.52, 0.83], 0.145, 0.025), albedo: plain(paint(104, 46, 148)), gloss: 0.7 },
      ],
    },
    {
      name: 'orange',
      phrase: 'orange fruit',
      parts: [
        {
          shape: sphere([1.18, -0.12, 0.2], 0.2),
          albedo: mottled(seed + 5, paint(255, 146, 24), paint(246, 124, 8), 0.05),
          gloss: 0.3,
        },
        { shape: cylinder([1.18, -0.12, 0.4], 0.025, 0.02), albedo: plain(paint(60, 96, 30)), gloss: 0 },
      ],
    },
    {
      name: 'gift',
      phrase: 'pink gift',
      parts: [
        {
          shape: box([-0.52, 0.72, 0.24], [0.25, 0.22, 0.24], -0.35),
          albedo: giftBox(paint(248, 150, 178), paint(255, 206, 218)),
          gloss: 0.3,
        },
      ],
    },
    {
      name: 'plate',
      phrase: 'white plate',
      parts: [
        { shape: cylinder([-1.12, -0.5, 0.02], 0.3, 0.02), albedo: plain(paint(246, 246, 244)), gloss: 0.5 },
        { shape: cylinder([-1.12, -0.5, 0.042], 0.2, 0.004), albedo: plain(paint(232, 232, 232)), gloss: 0.5 },
      ],
    },
  ];
}
