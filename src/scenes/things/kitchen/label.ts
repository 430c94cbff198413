/** A paper label about a bottle or jar. */
import type { Draw } from '../../draw.ts';
import { ellipsoid, join } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { creasedLathe, wrap } from '../forms/solids.ts';
import { finish } from '../thing-kind.ts';

/** A paper band around a cylinder, with a stripe at both edges, an emblem and lines of print on its front. */
export function labelBand(draw: Draw, radius: number, low: number, high: number, avoid: ColourWord): ThingPart[] {
  const height = high - low;
  const grounds = (['white', 'beige', 'yellow', 'red', 'blue'] as const).filter((word) => word !== avoid);
  const ground = draw.pick(grounds);
  const inks = (['red', 'green', 'blue', 'orange', 'black', 'yellow'] as const).filter((word) => word !== ground);
  const ink = finish(paintOf(draw.pick(inks), draw), { material: 'paper', gloss: 0.2 });
  const print = finish(
    paintOf(ground === 'white' || ground === 'beige' || ground === 'yellow' ? 'black' : 'white', draw),
    { material: 'paper' },
  );
  const edge = height * draw.between(0.08, 0.16);
  const marks = [0, Math.PI].flatMap((turn) => {
    const emblem = ellipsoid(height * 0.2, 0.12, height * 0.2, 20).translate(0, -radius - 0.02, low + height * 0.6);
    return [emblem.rotateZ(turn)];
  });
  const lines = [0, Math.PI].flatMap((turn) =>
    [0.34, 0.26, 0.19].map((share, index) =>
      wrap(radius + 0.06, low + height * share, low + height * (share + 0.035), [1.1, 0.8, 0.95][index]).rotateZ(turn),
    ),
  );
  const bands = [wrap(radius + 0.05, low + 0.15, low + edge), wrap(radius + 0.05, high - edge, high - 0.15)];
  const paper = creasedLathe(
    [
      [radius - 0.2, low],
      [radius, low],
      [radius, high],
      [radius - 0.2, high],
    ],
    44,
  );
  return [
    { name: 'label', geometry: paper, finish: finish(paintOf(ground, draw), { material: 'paper', gloss: 0.25 }) },
    { name: 'label', geometry: join(draw.chance(0.7) ? [...bands, ...marks] : marks), finish: ink },
    { name: 'label', geometry: join(lines), finish: print },
  ];
}
