/** A serving tray with two handles. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { join, type Point } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { roundedOutline } from '../forms/outlines.ts';
import { shaded } from '../forms/paints.ts';
import { smoothSlab } from '../forms/solids.ts';
import { gridSurface } from '../forms/surfaces.ts';
import { radiiTube } from '../forms/tubes.ts';
import { finish, metallic, moulded, type ThingKind, woodGrain } from '../thing-kind.ts';

function trayWall(height: number, slope: number, path: (grow: number) => Point[]): BufferGeometry {
  const steps = path(0).length;
  // The wall's section, from the inner floor over the lip to the outer foot: [outwards, up].
  const section: readonly Point[] = [
    [0, 0.9],
    [0.25, 1.1],
    [slope, height - 0.3],
    [slope + 0.1, height],
    [slope + 0.6, height + 0.1],
    [slope + 0.9, height - 0.15],
    [slope + 0.75, height - 0.4],
    [0.9, 0.5],
    [0.5, 0],
  ];
  return gridSurface(
    steps,
    section.length - 1,
    (u, v) => {
      const [out, z] = section[Math.round(v * (section.length - 1))];
      const [x, y] = path(out)[Math.round(u * steps) % steps];
      return [x, y, z];
    },
    true,
  );
}

/** Bows that stand up, or flat grips with a hole. */
function trayHandles(draw: Draw, width: number, height: number, slope: number): BufferGeometry[] {
  const x = width / 2 + slope;
  const upright = (side: number) =>
    radiiTube(
      [
        [side * (x + 0.3), -5.2, height - 0.6],
        [side * (x + 0.4), -5, height + 2],
        [side * (x + 0.5), -3.4, height + 3.2],
        [side * (x + 0.5), 3.4, height + 3.2],
        [side * (x + 0.4), 5, height + 2],
        [side * (x + 0.3), 5.2, height - 0.6],
      ],
      [0.55, 0.55],
      32,
      10,
    );
  const flat = (side: number) =>
    smoothSlab(roundedOutline(6, 13, 2.6, 8), 0.9, 0.35, [roundedOutline(2.2, 8.4, 1, 8)]).translate(
      side * (x + 2.6),
      0,
      height - 0.7,
    );
  return draw.chance(0.6) ? [upright(-1), upright(1)] : [flat(-1), flat(1)];
}

export const tray: ThingKind = {
  noun: 'tray',
  synonyms: ['serving tray'],
  parts: ['handle'],
  colours: ['brown', 'red', 'beige', 'white', 'grey', 'black', 'blue', 'green', 'yellow'],
  make(draw, colour) {
    const [width, depth] = [draw.between(36, 44), draw.between(25, 30)];
    const corner = draw.between(2, 6);
    const height = draw.between(2.6, 4);
    const wooden = colour === 'brown' || colour === 'beige';
    const look = wooden ? woodGrain(draw, colour) : colour === 'grey' ? metallic(draw) : moulded(draw, colour);
    const slope = draw.between(0.2, 1.4);
    const path = (grow: number) => roundedOutline(width + 2 * grow, depth + 2 * grow, corner + grow, 10);
    const wall = trayWall(height, slope, path);
    const base = smoothSlab(path(0.3), 0.9, 0.1);
    const handles = trayHandles(draw, width, height, slope);
    const grip =
      wooden || draw.chance(0.4)
        ? metallic(draw, draw.pick(['grey', 'black']))
        : draw.chance(0.5)
          ? woodGrain(draw)
          : look;
    const inlay = smoothSlab(path(-1.5), 0.06, 0.02).translate(0, 0, 0.88);
    const painted = !wooden && draw.chance(0.45);
    const second = colour === 'white' ? 'blue' : 'white';
    const cloth = finish(look.paint, {
      accent: paintOf(second, draw),
      pattern: draw.pick(['dots', 'checks', 'marble'] as const),
      period: draw.between(3, 5),
      gloss: 0.4,
      material: look.material,
    });
    return {
      colours: [colour],
      material: look.material,
      parts: [
        { geometry: join([wall, base]), finish: look },
        { geometry: inlay, finish: painted ? cloth : { ...look, paint: shaded(look.paint, 0.85) } },
        { name: 'handle', geometry: join(handles), finish: grip },
      ],
    };
  },
};
