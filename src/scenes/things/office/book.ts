/** A book, lying or standing. */
import { Box3, type BufferAttribute, type BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, join, type Point, roundedBox, slab } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { roundedOutline } from '../forms/outlines.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { otherColour } from './colours.ts';

/** An outline in the plane across y, drawn out along y and centred. */
const drawnOut = (outline: readonly Point[], depth: number, bevel = 0.03) =>
  slab(outline, depth, bevel)
    .rotateX(Math.PI / 2)
    .translate(0, depth / 2, 0);

function bookTitle(draw: Draw, width: number, tall: number): BufferGeometry[] {
  return draw.pick([
    () => [slab(roundedOutline(width * 0.62, tall * 0.24, 0.6), 0.07, 0.02).translate(0.4, tall * 0.2, 0)],
    () =>
      [0.3, 0.2, -0.32].map((y, line) =>
        roundedBox(width * [0.6, 0.42, 0.3][line], tall * 0.05, 0.07, 0.02).translate(0.4, y * tall, 0),
      ),
    () => [
      cylinder(width * 0.24, width * 0.24, 0.07, 40).translate(0.4, 0, 0),
      roundedBox(width * 0.6, tall * 0.06, 0.07, 0.02).translate(0.4, tall * 0.36, 0),
    ],
    () =>
      [1, -1].flatMap((side) => [
        roundedBox(width * 0.78, 0.4, 0.07, 0.02).translate(0.4, side * tall * 0.43, 0),
        roundedBox(0.4, tall * 0.87, 0.07, 0.02).translate(0.4 + side * width * 0.38, 0, 0),
      ]),
  ])();
}

function bookLeaves(
  width: number,
  tall: number,
  thick: number,
  board: number,
  left: number,
  bulge: number,
): BufferGeometry[] {
  const [inside, fore] = [thick - 2 * board, width / 2 - 0.4];
  return Array.from({ length: 9 }, (_, leaf) => {
    const t = (leaf + 0.5) / 4.5 - 1;
    const from = left + 0.6;
    const to = fore - bulge * 0.6 * (1 - t * t) - 0.05 * (leaf % 2);
    return slab(
      [
        [from, 0.35 - tall / 2],
        [to, 0.35 - tall / 2],
        [to, tall / 2 - 0.35],
        [from, tall / 2 - 0.35],
      ],
      inside / 9,
      0.02,
    ).translate(0, 0, board + (leaf * inside) / 9);
  });
}

function bookBoards(width: number, tall: number, thick: number, board: number, left: number): BufferGeometry[] {
  return [0, thick - board].map((z) =>
    slab(
      [
        [left + 0.7, -tall / 2],
        [width / 2, -tall / 2],
        [width / 2, tall / 2],
        [left + 0.7, tall / 2],
      ],
      board,
      0.06,
    ).translate(0, 0, z),
  );
}

function bookSpine(draw: Draw, tall: number, thick: number, board: number, left: number, bulge: number) {
  // From the bottom to the top of the back, bent outwards.
  const bow = (grow: number, steps = 10) =>
    Array.from({ length: steps + 1 }, (_, step): Point => {
      const t = (step / steps) * 2 - 1;
      return [left + 0.9 - bulge * (1 - t * t) - grow, thick / 2 + t * (thick / 2 - 0.02)];
    });
  const spine = drawnOut([...bow(board + 0.35), ...bow(0).reverse()], tall);
  const bands = [0.42, 0.3, -0.36].map((at) =>
    drawnOut([...bow(board + 0.42), ...bow(0.2).reverse()], draw.between(0.4, 1.2)).translate(0, at * tall, 0),
  );
  return { spine, bands };
}

/** Lies with its spine to -x. */
function bookLying(draw: Draw, colour: ColourWord): ThingPart[] {
  const [width, tall, thick] = [draw.between(13, 17), draw.between(19, 24), draw.between(2.2, 4.6)];
  const cover = finish(paintOf(colour, draw), { material: 'paper', gloss: draw.between(0.1, 0.5), grain: 0.05 });
  const trim = finish(paintOf(otherColour(draw, colour, ['yellow', 'white', 'black', 'red', 'blue', 'beige']), draw), {
    material: 'paper',
    gloss: 0.5,
    grain: 0.02,
  });
  const board = 0.3;
  const left = -width / 2;
  const bulge = thick * draw.between(0.12, 0.3);
  const { spine, bands } = bookSpine(draw, tall, thick, board, left, bulge);
  const leaves = bookLeaves(width, tall, thick, board, left, bulge);
  const flat = bookBoards(width, tall, thick, board, left);
  const title = bookTitle(draw, width, tall);
  return [
    { geometry: join(flat), finish: cover },
    { geometry: join(title).translate(0, 0, thick - 0.03), finish: trim },
    { name: 'spine', geometry: spine, finish: cover },
    { name: 'spine', geometry: join(bands), finish: trim },
    {
      name: 'pages',
      geometry: join(leaves),
      finish: finish(paintOf(draw.pick(['white', 'beige']), draw), { material: 'paper', grain: 0.15, gloss: 0 }),
    },
  ];
}

/** Stands on its lower edge, spine to the front. */
function standingBook(draw: Draw, colour: ColourWord): ThingPart[] {
  const parts = bookLying(draw, colour);
  for (const { geometry } of parts) geometry.rotateX(Math.PI / 2).rotateZ(Math.PI / 2);
  const bounds = new Box3();
  for (const { geometry } of parts)
    bounds.union(new Box3().setFromBufferAttribute(geometry.attributes.position as BufferAttribute));
  const { min, max } = bounds;
  for (const { geometry } of parts) geometry.translate(-(min.x + max.x) / 2, 0, -min.z);
  return parts;
}

export const book: ThingKind = {
  noun: 'book',
  synonyms: ['hardcover book'],
  parts: ['spine', 'pages'],
  colours: ['red', 'blue', 'green', 'brown', 'black', 'orange', 'purple', 'teal', 'yellow', 'pink'],
  make(draw, colour) {
    const parts = draw.chance(0.35) ? standingBook(draw, colour) : bookLying(draw, colour);
    return { colours: [colour], material: 'paper', parts };
  },
};
