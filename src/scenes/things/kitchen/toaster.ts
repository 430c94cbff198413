/** A toaster, sometimes with toast in it. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, join, type Point, roundedBox } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { roundedOutline } from '../forms/outlines.ts';
import { mixed, shaded } from '../forms/paints.ts';
import { smoothSlab } from '../forms/solids.ts';
import { finish, metallic, moulded, type ThingKind } from '../thing-kind.ts';

function toasterShell(width: number, depth: number, height: number, round: number): BufferGeometry {
  // The outline is its end view: straight sides, round shoulders, then drawn out along x.
  const outline = roundedOutline(depth, 2 * height, round, 12).filter(([, y]) => y > 0);
  const end: Point[] = [...outline, [-depth / 2, 0], [depth / 2, 0]];
  return smoothSlab(end, width, 1.1)
    .rotateX(Math.PI / 2)
    .rotateZ(Math.PI / 2)
    .translate(-width / 2, 0, 1.6);
}

function toasterSlots(draw: Draw, width: number, depth: number, height: number, trim: Finish): ThingPart[] {
  return [-1, 1].flatMap((side) => {
    const frame = smoothSlab(roundedOutline(width * 0.66, 3.2, 1, 8), 0.3, 0.1).translate(
      0,
      side * depth * 0.17,
      height + 1.55,
    );
    const gap = smoothSlab(roundedOutline(width * 0.6, 2, 0.6, 8), 0.2, 0.05).translate(
      0,
      side * depth * 0.17,
      height + 1.72,
    );
    return [
      { geometry: frame, finish: trim },
      { geometry: gap, finish: finish(shaded(paintOf('black', draw), 0.25), { gloss: 0 }) },
    ];
  });
}

function toastSlices(draw: Draw, width: number, depth: number, height: number): BufferGeometry[] {
  return [-1, 1].map((side) => {
    const crust = smoothSlab(roundedOutline(width * 0.46, 9, 2.6, 8), 1.3, 0.35).rotateX(Math.PI / 2);
    return crust.translate(0, side * depth * 0.17 + 0.65, height + draw.between(-0.6, 0.2));
  });
}

function toasterFinish(draw: Draw, colour: ColourWord): Finish {
  return colour === 'grey'
    ? metallic(draw)
    : { ...moulded(draw, colour), gloss: 0.8, material: draw.pick(['metal', 'plastic'] as const) };
}

function toastFinish(draw: Draw): Finish {
  return finish(mixed(paintOf('brown', draw), [0.8, 0.5, 0.22], 0.45), {
    accent: paintOf('brown', draw),
    pattern: 'crumb',
    period: 2.5,
    grain: 0.4,
    gloss: 0,
  });
}

export const toaster: ThingKind = {
  noun: 'toaster',
  synonyms: [],
  parts: [],
  colours: ['red', 'grey', 'white', 'teal', 'black', 'yellow', 'pink', 'blue', 'beige', 'orange'],
  make(draw, colour) {
    const [width, depth, height] = [draw.between(26, 30), draw.between(15, 18), draw.between(17, 19.5)];
    const round = draw.between(2.5, 6);
    const look = toasterFinish(draw, colour);
    const dark = moulded(draw, 'black');
    const steel = metallic(draw);
    const trim = colour === 'grey' ? dark : steel;
    const slots = toasterSlots(draw, width, depth, height, trim);
    const x = width / 2;
    const track = roundedBox(0.3, 1.1, height * 0.55, 0.1).translate(x + 0.05, 0, height * 0.3);
    const lever = roundedBox(2.6, 4.2, 1.5, 0.6).translate(x + 1.2, 0, height * draw.between(0.6, 0.74));
    const dial = cylinder(1.5, 1.3, 1, 24)
      .rotateY(Math.PI / 2)
      .translate(x, -depth * 0.26, height * 0.32);
    const bands = [0.1, 0.155].map((level) =>
      roundedBox(width * 0.995, depth + 0.12, 0.35, 0.1).translate(0, 0, 1.6 + height * level),
    );
    const feet = [-1, 1].flatMap((sx) =>
      [-1, 1].map((sy) => cylinder(1, 1.1, 1.2, 16).translate(sx * width * 0.38, sy * depth * 0.34, 0)),
    );
    const slices = toastSlices(draw, width, depth, height);
    const brown = toastFinish(draw);
    return {
      colours: [colour],
      material: look.material,
      parts: [
        { geometry: toasterShell(width, depth, height, round), finish: look },
        { geometry: roundedBox(width * 0.96, depth * 0.97, 2, 0.5).translate(0, 0, 0.8), finish: dark },
        { geometry: join(bands), finish: trim },
        ...slots,
        { geometry: join([track, ...feet]), finish: dark },
        { geometry: join([lever]), finish: colour === 'black' || colour === 'grey' ? steel : dark },
        { geometry: dial, finish: steel },
        ...(draw.chance(0.45) ? [{ geometry: join(slices), finish: brown }] : []),
      ],
    };
  },
};
