/** A burning candle in a holder. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { join, lathe, type Point, ring, rod, vessel } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { panels } from '../forms/cutting.ts';
import { curveThrough } from '../forms/outlines.ts';
import { taperedTube } from '../forms/tubes.ts';
import { finish, glazed, metallic, type ThingKind } from '../thing-kind.ts';

const wax = (draw: Draw, colour: ColourWord): Finish => finish(paintOf(colour, draw), { gloss: 0.35, grain: 0.05 });

/** A burning wick at a height. The flame shines by itself: its colours are bright, and all of it is lit as from above. */
function burning(draw: Draw, z: number, size: number): ThingPart[] {
  const drop = curveThrough(
    [
      [0, 0],
      [0.34, 0.28],
      [0.46, 0.7],
      [0.3, 1.25],
      [0.11, 1.75],
      [0, 2.1],
    ],
    20,
  );
  const geometry = lathe(
    drop.map(([radius, height]): Point => [radius * size, height * size]),
    20,
  );
  const { normal } = geometry.attributes;
  for (let index = 0; index < normal.count; index++) normal.setXYZ(index, 0, 0, 1);
  const bands = 7;
  const flames = panels(geometry.translate(0, 0, z + 0.45), bands, (middle) =>
    Math.min(bands - 1, Math.floor(((middle.z - z - 0.45) / (2.1 * size)) * bands)),
  );
  const tone = (share: number) =>
    finish({ word: 'yellow', rgb: [1, 0.95 - 0.5 * share, 0.5 - 0.45 * share] }, { grain: 0, gloss: 0 });
  return [
    { geometry: rod([0, 0, z - 0.2], [0, 0, z + 0.6], 0.09), finish: finish(paintOf('black', draw)) },
    ...flames.map((band, index): ThingPart => ({ name: 'flame', geometry: band, finish: tone(index / (bands - 1)) })),
  ];
}

/** Wax that has run down the side. */
function drips(draw: Draw, radius: number, top: number): BufferGeometry[] {
  return Array.from({ length: draw.integer(2, 5) }, () => {
    const turn = draw.between(0, 6.3);
    const [x, y] = [radius * Math.cos(turn), radius * Math.sin(turn)];
    return taperedTube(
      [
        [x * 0.9, y * 0.9, top],
        [x, y, top - 0.3],
        [x * 1.02, y * 1.02, top - draw.between(1.2, 3.4)],
      ],
      (t) => radius * (0.12 + 0.06 * t),
      8,
      10,
    );
  });
}

/** Holders by name: the mesh, and how high the candle stands in it; `radius` is that of the candle. */
const holders: Record<string, (radius: number) => { geometry: BufferGeometry; base: number }> = {
  dish: (radius) => ({
    geometry: join([
      lathe(
        curveThrough(
          [
            [0, 0],
            [radius * 1.5, 0],
            [radius * 2.1, 0.5],
            [radius * 2.4, 1.3],
            [radius * 2.2, 1.2],
            [radius * 1.4, 0.5],
            [0, 0.5],
          ],
          40,
        ),
      ),
      ring(1.1, 0.3, 24)
        .rotateX(Math.PI / 2)
        .translate(radius * 2.4 + 0.9, 0, 1.45),
    ]),
    base: 0.5,
  }),
  stick: (radius) => ({
    geometry: lathe(
      [
        [0, 0],
        ...curveThrough(
          [
            [radius * 3, 0],
            [radius * 3, 0.4],
            [radius * 1.7, 1],
            [radius * 0.75, 2],
            [radius * 0.7, 3.4],
            [radius * 1.35, 4],
            [radius * 0.7, 4.6],
            [radius * 0.7, 6.2],
            [radius * 1.5, 7.4],
            [radius * 1.6, 7.9],
          ],
          48,
        ),
        [radius, 7.9],
        [0, 7.7],
      ],
      36,
    ),
    base: 7,
  }),
  cup: (radius) => ({
    geometry: vessel(
      [
        [0, 0],
        [radius * 1.15, 0],
        ...curveThrough(
          [
            [radius * 1.25, 0.2],
            [radius * 1.45, 2],
            [radius * 1.35, 4.4],
          ],
          12,
        ),
      ],
      0.3,
    ),
    base: 0.4,
  }),
};

export const candle: ThingKind = {
  noun: 'candle',
  synonyms: ['burning candle'],
  parts: ['flame', 'holder'],
  colours: ['white', 'white', 'beige', 'red', 'yellow', 'green', 'blue', 'purple', 'pink', 'orange'],
  make(draw, colour) {
    const style = draw.pick(['dish', 'dish', 'stick', 'cup'] as const);
    const radius =
      style === 'stick' ? draw.between(1.05, 1.3) : style === 'cup' ? draw.between(2.6, 3.2) : draw.between(1.6, 3);
    const tall = style === 'stick' ? draw.between(9, 15) : style === 'cup' ? 3.4 : draw.between(6, 11);
    const holder = holders[style](radius);
    const top = holder.base + tall;
    const look = wax(draw, colour);
    const [r, z] = [radius, tall];
    const body = lathe(
      [
        [0, 0],
        [r, 0],
        [r, 0],
        [r, z * 0.5],
        [r, z - 0.3],
        [r * 0.95, z - 0.05],
        [r * 0.85, z - 0.05],
        [r * 0.6, z - 0.35],
        [0, z - 0.4],
      ],
      36,
    ).translate(0, 0, holder.base);
    const holderColour = draw.pick(
      (['grey', 'black', 'blue', 'white', 'teal'] as const).filter((word) => word !== colour),
    );
    const holderLook =
      style === 'cup'
        ? glazed(draw, holderColour)
        : draw.chance(0.6)
          ? metallic(draw, draw.pick(['grey', 'yellow']))
          : glazed(draw, holderColour);
    return {
      colours: style === 'cup' ? [colour, holderColour] : [colour],
      parts: [
        { geometry: join([body, ...(style === 'cup' || draw.chance(0.3) ? [] : drips(draw, r, top))]), finish: look },
        { name: 'holder', geometry: holder.geometry, finish: holderLook },
        ...burning(draw, top - 0.4, draw.between(1.1, 1.5)),
      ],
    };
  },
};
