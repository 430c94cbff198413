/** A banana, or a bunch of them. */
import type { BufferGeometry } from 'three';
import { ellipsoid, join } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart, Vec3 } from '../../scene.ts';
import { split } from '../forms/cutting.ts';
import { exactPaint } from '../forms/paints.ts';
import { planarTube } from '../forms/tubes.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

/** One banana from its stem end at the origin along +x, arching up by `arch` and swinging out to y = `aside`. */
function bananaAlong(
  length: number,
  radius: number,
  arch: number,
  aside: number,
): { body: BufferGeometry; stem: BufferGeometry; tip: BufferGeometry } {
  const points = Array.from({ length: 9 }, (_, i): Vec3 => {
    const t = i / 8;
    const swing = Math.min(1, t / 0.5);
    return [length * t, aside * swing * swing * (3 - 2 * swing), arch * (1 - (2 * t - 1) ** 2)];
  });
  const thickness = (t: number) => {
    const stem = 0.27 + 0.1 * (1 - t / 0.16) ** 2;
    if (t < 0.16) return radius * stem;
    const fruit = Math.min(1, (t - 0.16) / 0.2);
    const end = Math.min(1, (1 - t) / 0.16);
    return radius * (0.27 + 0.73 * Math.sin((Math.PI / 2) * fruit)) * (0.2 + 0.8 * Math.sqrt(1 - (1 - end) ** 2));
  };
  const whole = planarTube(points, thickness, {
    sides: 20,
    cells: 30,
    section: (turn) => 1 + 0.045 * Math.cos(10 * Math.PI * turn),
  });
  const [rest, stem] = split(whole, (x) => x < length * 0.13);
  const [body, tip] = split(rest, (x) => x > length * 0.975);
  return { body, stem, tip };
}

export const banana: ThingKind = {
  noun: 'banana',
  synonyms: ['bananas', 'bunch of bananas'],
  parts: ['stem'],
  colours: ['yellow', 'yellow', 'yellow', 'green'],
  make(draw, colour) {
    const count = draw.chance(0.5) ? 1 : draw.integer(3, 5);
    const length = draw.between(16, 19);
    const fruits = Array.from({ length: count }, (_, i) => {
      const radius = draw.between(1.6, 1.85);
      const arch = length * draw.between(0.24, 0.3);
      const place = i - (count - 1) / 2;
      const fruit = bananaAlong(length * draw.between(0.95, 1.05), radius, arch, place * 2.6);
      const fan = place * 0.07;
      for (const mesh of [fruit.body, fruit.stem, fruit.tip]) {
        // A single one lies on its side, a bunch stands on its tips.
        if (count === 1) mesh.rotateX(1.45).translate(-length / 2, length * 0.13, radius * 0.98);
        else mesh.rotateZ(fan).translate(-length / 2, place * 0.45, radius * 0.6);
      }
      return fruit;
    });
    const stems = fruits.map(({ stem }) => stem);
    if (count > 1) stems.push(ellipsoid(1, 0.5 + 0.26 * count, 0.75, 18).translate(-length / 2 + 0.3, 0, 1.1));
    const paint =
      colour === 'yellow'
        ? exactPaint('yellow', draw.between(46, 52), 0.85, draw.between(0.5, 0.56))
        : paintOf(colour, draw);
    const ripe =
      colour === 'yellow' && draw.chance(0.35)
        ? ({ accent: exactPaint(colour, 35, 0.6, 0.25), pattern: 'speckle', period: 0.55 } as const)
        : {};
    const skin = finish(paint, { grain: 0.12, gloss: 0.25, ...ripe });
    const parts: ThingPart[] = [
      { geometry: join(fruits.map(({ body }) => body)), finish: skin },
      {
        name: 'stem',
        geometry: join(stems),
        finish: finish(exactPaint('green', 62, 0.5, 0.36), { grain: 0.3, gloss: 0.1 }),
      },
      {
        geometry: join(fruits.map(({ tip }) => tip)),
        finish: finish(exactPaint('brown', 28, 0.4, 0.13), { grain: 0.3 }),
      },
    ];
    return { colours: [colour], parts };
  },
};
