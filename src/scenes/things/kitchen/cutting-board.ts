/** A cutting board, lying flat. */
import { join, type Point, roundedBox } from '../../meshes.ts';
import { curveThrough, roundedOutline } from '../forms/outlines.ts';
import { shaded } from '../forms/paints.ts';
import { smoothSlab } from '../forms/solids.ts';
import { moulded, type ThingKind, woodGrain } from '../thing-kind.ts';

/** A loop of a board's outline that a hand goes through. */
const eyelet = (x: number, y: number, width: number, height: number): Point[] =>
  roundedOutline(width, height, Math.min(width, height) * 0.49, 8).map(([px, py]): Point => [px + x, py + y]);

/** A rectangle with a grip at +x, in one outline. */
function paddle(width: number, depth: number, grip: number): Point[] {
  const corner = roundedOutline(width, depth, 2.4, 8).filter(([x]) => x < width / 2 - 2.5);
  const [left, right] = [corner.slice(0, corner.length / 2), corner.slice(corner.length / 2)];
  const upper = curveThrough(
    [
      [width / 2 + grip, 0],
      [width / 2 + grip - 1, 2],
      [width / 2 + grip * 0.4, 2.1],
      [width / 2 + 0.6, 2.6],
      [width / 2 - 1, depth * 0.36],
      [width / 2 - 4.5, depth / 2],
    ],
    26,
  );
  const lower = upper.slice(1).map(([x, y]): Point => [x, -y]);
  return [...upper, ...left, ...right, ...lower.reverse()];
}

export const cuttingBoard: ThingKind = {
  noun: 'cutting board',
  synonyms: ['chopping board'],
  parts: [],
  colours: ['brown', 'beige', 'brown', 'beige', 'green', 'white', 'red', 'blue'],
  make(draw, colour) {
    const [width, depth] = [draw.between(30, 38), draw.between(20, 25)];
    const wooden = colour === 'brown' || colour === 'beige';
    const height = wooden ? draw.between(1.7, 2.4) : 1.2;
    const look = wooden ? { ...woodGrain(draw, colour), gloss: 0.25 } : moulded(draw, colour);
    const groove = { ...look, paint: shaded(look.paint, 0.5), accent: undefined };
    if (wooden && draw.chance(0.45)) {
      const grip = draw.between(8, 11);
      const hole = eyelet(width / 2 + grip - 2.6, 0, 1.8, 1.8);
      const board = smoothSlab(paddle(width, depth, grip), height, 0.35, [hole]);
      return {
        colours: [colour],
        material: look.material,
        parts: [{ geometry: board.translate(-grip / 3, 0, 0), finish: look }],
      };
    }
    const slot = eyelet(width / 2 - 2.4, 0, 1.8, depth * 0.36);
    const board = smoothSlab(roundedOutline(width, depth, 2.2, 8), height, 0.35, [slot]);
    const juice = smoothSlab(roundedOutline(width - 8, depth - 3.2, 1.8, 8), 0.06, 0.02, [
      roundedOutline(width - 9.4, depth - 4.6, 1.4, 8),
    ]);
    const strips = [-0.3, 0.3].map((share) => {
      const strip = roundedBox(width - 0.02, depth * 0.16, height + 0.03, 0.3);
      return strip.translate(0, share * depth, -0.01);
    });
    const inlaid = wooden && draw.chance(0.45);
    const other = { ...woodGrain(draw, colour === 'brown' ? 'beige' : 'brown'), period: look.period };
    return {
      colours: [colour],
      material: look.material,
      parts: [
        { geometry: board, finish: look },
        ...(inlaid
          ? [{ geometry: join(strips), finish: other }]
          : [{ geometry: juice.translate(0, 0, height - 0.02), finish: groove }]),
      ],
    };
  },
};
