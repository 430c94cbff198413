/** Spoons and forks, lying on the table with the handle towards the front. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { join } from '../../meshes.ts';
import type { ColourWord } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { split } from '../forms/cutting.ts';
import { weldedSurface } from '../forms/surfaces.ts';
import { metallic, moulded, type ThingKind, woodGrain } from '../thing-kind.ts';

/** Closer together at the ends, where outlines turn. */
const eased = (v: number) => 0.5 - 0.5 * Math.cos(Math.PI * v);

const lerp = (a: number, b: number, t: number) => a + (b - a) * t;

const ease = (t: number) => t * t * (3 - 2 * t);

/** Height of the middle line, cm, at a share of the length from the end of the handle (0) to the neck (1). */
const arch = (t: number) => lerp(0.3, 1.15, ease(Math.min(1, t * 1.05))) + 0.25 * Math.sin(Math.PI * t);

/** Half the width of the handle at the same share. */
const handleWidth = (t: number, end: number, neck: number) => {
  const rounding = Math.min(1, t / 0.09);
  return lerp(end, neck, ease(t)) * Math.sqrt(1 - (1 - rounding) ** 2);
};

interface Blank {
  length: number;
  /** Length of the handle. */
  neck: number;
  thickness: number;
  half(y: number): number;
  height(y: number): number;
  /** How much deeper the middle line is than the edges. */
  dish(y: number): number;
}

function stampedBlank({ length, thickness, half, height, dish }: Blank): BufferGeometry {
  return weldedSurface(
    (u, v) => {
      const y = length * eased(v);
      const angle = 2 * Math.PI * u;
      const x = Math.cos(angle);
      const z = height(y) + dish(y) * (x * x - 1) + (thickness / 2) * Math.sin(angle);
      return [half(y) * x, y - length / 2, z];
    },
    24,
    48,
  );
}

/** Metal, wood or plastic, whichever comes in the colour; sometimes a metal one with a handle in another material. */
function cutleryFinishes(draw: Draw, colour: ColourWord): { head: Finish; handle: Finish } {
  if (colour === 'grey' || colour === 'yellow') {
    const head = metallic(draw, colour);
    return { head, handle: head };
  }
  const whole = colour === 'brown' || colour === 'beige' ? woodGrain(draw, colour) : moulded(draw, colour);
  return { head: whole, handle: whole };
}

const handleOf = (geometry: BufferGeometry, blank: Blank) =>
  split(geometry, (_x, y) => y < blank.neck - blank.length / 2);

function cutleryOf(
  colour: ColourWord,
  look: { head: Finish; handle: Finish },
  head: BufferGeometry,
  handle: BufferGeometry,
) {
  const parts: ThingPart[] = [
    { geometry: head, finish: look.head },
    { name: 'handle', geometry: handle, finish: look.handle },
  ];
  return { colours: [colour], material: look.handle.material, parts };
}

export const spoon: ThingKind = {
  noun: 'spoon',
  synonyms: ['teaspoon'],
  parts: ['handle'],
  colours: ['grey', 'grey', 'grey', 'grey', 'brown', 'beige', 'yellow', 'red', 'blue'],
  make(draw, colour) {
    const look = cutleryFinishes(draw, colour);
    const chunky = look.head.material === 'metal' ? 1 : 1.35;
    const length = draw.between(14, 20);
    const head = length * draw.between(0.3, 0.36);
    const neck = length - head;
    const width = head * draw.between(0.33, 0.38);
    const bowlShare = (y: number) => Math.max(0, Math.min(1, (y - neck * 0.97) / (length - neck * 0.97)));
    const bowlHalf = (y: number) => {
      const s = bowlShare(y);
      return width * 2 * Math.sqrt(s * (1 - s)) * (1.05 - 0.18 * s);
    };
    const stem = (y: number) =>
      handleWidth(Math.min(1, y / neck), 0.75 * chunky, 0.32 * chunky) * (1 - bowlShare(y)) ** 2;
    const blank: Blank = {
      length,
      neck,
      thickness: 0.24 * chunky,
      half: (y) => (bowlHalf(y) ** 4 + stem(y) ** 4) ** 0.25,
      height: (y) => (y < neck ? arch(y / neck) : 1.15 + 0.2 * bowlShare(y)),
      dish: (y) => head * 0.17 * Math.sin(Math.PI * bowlShare(y)) ** 0.7,
    };
    const [bowl, handle] = handleOf(stampedBlank(blank), blank);
    return cutleryOf(colour, look, bowl, handle);
  },
};

export const fork: ThingKind = {
  noun: 'fork',
  synonyms: [],
  parts: ['handle'],
  colours: ['grey', 'grey', 'grey', 'grey', 'brown', 'yellow', 'red', 'green', 'blue'],
  make(draw, colour) {
    const look = cutleryFinishes(draw, colour);
    const chunky = look.head.material === 'metal' ? 1 : 1.3;
    const length = draw.between(17, 20);
    const tine = length * draw.between(0.22, 0.27);
    const root = length - tine;
    const neck = root - length * 0.11;
    const width = draw.between(1.15, 1.35) * chunky;
    const along = (y: number) => Math.max(0, (y - neck) / (length - neck));
    const height = (y: number) =>
      y < neck ? arch(y / neck) : 1.15 - 0.75 * Math.sin(Math.PI * along(y)) + 0.25 * along(y);
    const shoulder = (y: number) => {
      const s = Math.max(0, Math.min(1, (y - neck) / (root - neck)));
      return lerp(0.32 * chunky, width, ease(Math.min(1, s * 1.25)));
    };
    const closing = (y: number) => Math.sqrt(Math.max(0, 1 - Math.max(0, (y - root + 0.3) / 0.5) ** 2));
    const blank: Blank = {
      length: root + 0.2,
      neck,
      thickness: 0.24 * chunky,
      half: (y) => (y < neck ? handleWidth(y / neck, 0.8 * chunky, 0.32 * chunky) : shoulder(y)) * closing(y),
      height,
      dish: (y) => 0.12 * Math.min(1, along(y) * 3),
    };
    const prongs = draw.chance(0.75) ? 4 : 3;
    const thick = (0.62 * width) / prongs;
    const tines = Array.from({ length: prongs }, (_, i) => {
      const middle = (width - thick) * ((2 * i) / (prongs - 1) - 1);
      return weldedSurface(
        (u, v) => {
          const y = root - 0.5 + (tine + 0.5) * v;
          const half = thick * (1 - 0.35 * v) * Math.sqrt(1 - Math.max(0, (v - 0.9) / 0.1) ** 2);
          const angle = 2 * Math.PI * u;
          return [
            middle * (1 - 0.06 * v) + half * Math.cos(angle),
            y - blank.length / 2,
            height(y) + 0.12 * chunky * (1 - 0.4 * v) * Math.sin(angle),
          ];
        },
        10,
        24,
      );
    });
    const [plate, handle] = handleOf(stampedBlank(blank), blank);
    return cutleryOf(colour, look, join([plate, ...tines]), handle);
  },
};
