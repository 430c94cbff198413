/** A shoe, smart or for sports. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { tinted } from '../forms/paints.ts';
import { sized } from '../forms/placing.ts';
import { plump } from '../forms/solids.ts';
import { sculpted } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import {
  collar,
  footMiddle,
  footprint,
  laces,
  type ShoeShape,
  soleTop,
  toeSpring,
  upper,
  upperAt,
} from './shoe-upper.ts';

const leatherLook = (draw: Draw, colour: ColourWord): Finish =>
  finish(paintOf(colour, draw), { material: 'leather', gloss: 0.6, grain: 0.08 });

const canvasLook = (draw: Draw, colour: ColourWord): Finish =>
  finish(paintOf(colour, draw), { material: 'fabric', gloss: 0.08, grain: 0.2 });

function shoeTrimming(draw: Draw, smart: boolean, look: Finish, white: boolean): Finish {
  return smart
    ? { ...look, paint: tinted(look.paint, -0.25) }
    : {
        ...look,
        paint: white
          ? paintOf(draw.pick(['red', 'blue', 'green', 'black']), draw)
          : draw.chance(0.5)
            ? paintOf('white', draw)
            : tinted(look.paint, -0.3),
      };
}

/** Bent up at the toe, as the foot is. */
const bentUp = (mesh: BufferGeometry) =>
  sculpted(mesh, (point) => {
    point.z += toeSpring(point.y);
  });

function shoeSoles(smart: boolean): BufferGeometry {
  return join([
    bentUp(plump(footprint(0.35), soleTop, 0.45, 3)),
    ...(smart ? [] : [bentUp(plump(footprint(0.2), 2.7, 0.3, 3))]),
  ]);
}

function soleFinish(draw: Draw, smart: boolean, white: boolean): Finish {
  return finish(paintOf(smart ? 'black' : white ? draw.pick(['white', 'beige', 'grey']) : 'white', draw), {
    material: 'rubber',
    gloss: 0.25,
    grain: 0.05,
  });
}

export const shoe: ThingKind = {
  noun: 'shoe',
  synonyms: ['lace-up shoe'],
  parts: ['sole', 'laces'],
  colours: ['red', 'blue', 'green', 'white', 'black', 'brown', 'brown', 'pink', 'teal', 'orange', 'purple', 'yellow'],
  make(draw, colour) {
    const smart = colour === 'brown' || (colour === 'black' && draw.chance(0.5));
    const shape: ShoeShape = { ankle: smart ? draw.between(7, 7.6) : draw.pick([7.2, 7.6, 10.5]) };
    const look = smart || draw.chance(0.25) ? leatherLook(draw, colour) : canvasLook(draw, colour);
    const [cloth, trimming] = upper(shape);
    const white = colour === 'white';
    const trimLook = shoeTrimming(draw, smart, look, white);
    const rubber = soleFinish(draw, smart, white);
    const soles = shoeSoles(smart);
    const line = bentUp(plump(footprint(0.44), 0.45, 0.15, 2).translate(0, 0, 1));
    const [, ty, tz] = upperAt(shape, 0.5, 0.47);
    const tongue = ellipsoid(2, 0.5, 2.3, 20)
      .rotateX(-0.35)
      .translate(footMiddle(0.45), ty + 0.2, tz + 0.5);
    const inside = plump(footprint(-0.4), 0.4, 0.1, 1).translate(0, 0, 2.4);
    const parts: ThingPart[] = [
      { geometry: join([cloth, tongue]), finish: look },
      { geometry: join([trimming, collar(shape)]), finish: trimLook },
      { geometry: inside, finish: canvasLook(draw, 'beige') },
      { name: 'sole', geometry: soles, finish: rubber },
      {
        name: 'laces',
        geometry: laces(shape),
        finish: finish(paintOf(smart ? 'black' : white || draw.chance(0.7) ? 'white' : 'black', draw), {
          material: 'fabric',
          gloss: 0,
          grain: 0.2,
        }),
      },
    ];
    if (!smart)
      parts.push({
        name: 'sole',
        geometry: line,
        finish: finish(white ? trimLook.paint : look.paint, { material: 'rubber' }),
      });
    return { colours: [colour], material: look.material, parts: sized(parts, draw.between(0.8, 1.1)) };
  },
};
