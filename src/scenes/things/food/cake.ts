/** Cake: whole, with a piece cut out, or a slice. */
import { type BufferGeometry, LatheGeometry, Shape, ShapeGeometry, Vector2 } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, type Point } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, Paint, ThingPart, Vec3 } from '../../scene.ts';
import { exactPaint, shaded } from '../forms/paints.ts';
import { welded, weldedSurface } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { icingPaint } from './baked.ts';

/** A profile turned from angle 0 (the front, towards +x first) by `span`, its two cut faces closed: the
 * profile ends on the axis or where it began. */
function sector(profile: readonly Point[], span: number): BufferGeometry {
  const points = profile.map(([r, z]) => new Vector2(r, z));
  const skin = welded(new LatheGeometry(points, Math.max(10, Math.round(span * 8)), 0, span).rotateX(Math.PI / 2), 0.6);
  if (span > 6.28) return skin;
  const face = new ShapeGeometry(new Shape(points));
  const faces = [0, span].map((angle) =>
    face
      .clone()
      .rotateX(Math.PI / 2)
      .rotateZ(angle - Math.PI / 2),
  );
  return join([skin, ...faces]);
}

/** Icing over the top and down the side to `edge(angle)`. */
function coat(
  radius: number,
  top: number,
  edge: (angle: number) => number,
  span: number,
  thickness: number,
): BufferGeometry {
  const whole = span > 6.28;
  return weldedSurface(
    (u, v) => {
      const angle = span * u;
      // Over the top, round the corner, down the side and back under the edge.
      const low = edge(angle);
      const path: Point[] = [
        [0, top + thickness],
        [radius * 0.5, top + thickness],
        [radius - 0.5, top + thickness],
        [radius + thickness - 0.55, top + thickness - 0.05],
        [radius + thickness - 0.15, top + thickness - 0.2],
        [radius + thickness, top + thickness - 0.6],
        [radius + thickness, low + (top - low) * 0.6],
        [radius + thickness * 1.05, low + (top - low) * 0.25],
        [radius + thickness * 1.1, low + 0.25],
        [radius + thickness * 0.6, low],
        [radius - 0.1, low + 0.1],
      ];
      const row = Math.min(path.length - 1, Math.round(v * (path.length - 1)));
      const [r, z] = path[row];
      return [r * Math.sin(angle), -r * Math.cos(angle), z];
    },
    whole ? 96 : Math.max(12, Math.round(span * 15)),
    10,
    1,
  );
}

/** A swirl of cream standing on z = 0. */
function rosette(radius: number, height: number): BufferGeometry {
  return weldedSurface(
    (u, v) => {
      const angle = 2 * Math.PI * u;
      const r = radius * (v === 0 ? 0.85 : (1 - v) ** 0.65) * (1 + 0.16 * Math.cos(6 * angle + 5 * v));
      return [r * Math.cos(angle), r * Math.sin(angle), height * v];
    },
    30,
    6,
  );
}

function toppings(draw: Draw, colour: ColourWord, radius: number, top: number, span: number): ThingPart[] {
  const whole = span > 6.28;
  const count = whole ? draw.pick([6, 8, 10]) : Math.max(1, Math.round(span * 1.3));
  const style = draw.pick(['cherries', 'rosettes', 'strawberries', 'both'] as const);
  const cream = finish(paintOf(colour === 'white' ? draw.pick(['pink', 'white'] as const) : 'white', draw), {
    gloss: 0.3,
    grain: 0.03,
  });
  const places = Array.from({ length: count }, (_, i): Vec3 => {
    const angle = (span * (i + 0.5)) / count;
    return [radius * 0.76 * Math.sin(angle), -radius * 0.76 * Math.cos(angle), top];
  });
  const parts: ThingPart[] = [];
  const high = style === 'both' ? 0.8 : 0;
  if (style === 'rosettes' || style === 'both')
    parts.push({
      name: 'icing',
      geometry: join(places.map((at) => rosette(radius * 0.15, radius * 0.17).translate(...at))),
      finish: cream,
    });
  const berry = style === 'strawberries' ? ellipsoid(0.95, 0.95, 1.25, 14) : ellipsoid(0.85, 0.85, 0.8, 14);
  const red = finish(paintOf('red', draw), {
    gloss: 0.8,
    grain: 0.05,
    ...(style === 'strawberries'
      ? { accent: exactPaint('yellow', 45, 0.6, 0.6), pattern: 'dots' as const, period: 0.42 }
      : {}),
  });
  if (style !== 'rosettes')
    parts.push({
      geometry: join(places.map(([x, y, z]) => berry.clone().translate(x, y, z + 0.7 + high))),
      finish: red,
    });
  return parts;
}

const icedFinish = (draw: Draw, colour: ColourWord): Finish =>
  finish(icingPaint(draw, colour), { gloss: 0.35, grain: 0.04 });

interface BakedCake {
  radius: number;
  height: number;
  /** What is there of the full turn, radians. */
  span: number;
  sponge: Paint;
}

/** Layers of sponge with a filling between them. */
function spongeLayers(draw: Draw, { radius, height, span, sponge }: BakedCake): ThingPart[] {
  const count = draw.integer(2, 3);
  const gap = 0.7;
  const thickness = (height - (count - 1) * gap) / count;
  const disc = (r: number, low: number, high: number) => {
    const profile: Point[] = [
      [0, low],
      [r, low],
      [r, high],
      [0, high],
    ];
    return sector(profile, span);
  };
  const floors = Array.from({ length: count }, (_, i) => i * (thickness + gap));
  const filling = draw.chance(0.5) ? exactPaint('white', 40, 0.5, 0.9) : exactPaint('red', 350, 0.65, 0.42);
  const crumb = { accent: shaded(sponge, 0.74), pattern: 'crumb', period: 0.45, grain: 0.2, gloss: 0 } as const;
  return [
    { geometry: join(floors.map((low) => disc(radius, low, low + thickness))), finish: finish(sponge, crumb) },
    {
      geometry: join(floors.slice(1).map((low) => disc(radius - 0.05, low - gap, low))),
      finish: finish(filling, { gloss: 0.3 }),
    },
  ];
}

/** What shows of the icing where the cake is cut, and its foot of piped beads. */
function icingTrimmings(draw: Draw, { radius, height, span }: BakedCake, thickness: number): BufferGeometry[] {
  // Just inside of the coat.
  const [r, top] = [radius, height + thickness - 0.04];
  const outside = r + thickness - 0.06;
  const made: BufferGeometry[] = [];
  if (span < 6.28)
    made.push(
      sector(
        [
          [r - 0.1, 0],
          [outside, 0],
          [outside, top - 0.55],
          [outside - 0.45, top - 0.05],
          [0, top - 0.02],
          [0, height],
          [r - 0.1, height],
          [r - 0.1, 0],
        ],
        span,
      ),
    );
  const count = Math.round(span * 5);
  if (draw.chance(0.6))
    for (let i = 0; i < count; i++) {
      const angle = (span * (i + 0.5)) / count;
      made.push(
        ellipsoid(0.75, 0.75, 0.7, 9).translate((r + 0.5) * Math.sin(angle), -(r + 0.5) * Math.cos(angle), 0.5),
      );
    }
  return made;
}

/** How far down the icing runs at an angle. */
function dripping(draw: Draw, height: number): (angle: number) => number {
  const [phase, length, drips] = [draw.between(0, 6), height * draw.between(0.3, 0.4), draw.integer(9, 13)];
  return (angle) => {
    const drop = Math.max(0, Math.cos(drips * angle + phase)) ** 0.7;
    return height - length * (0.55 + 0.4 * Math.sin(3 * angle + phase)) * drop - 0.9;
  };
}

export const cake: ThingKind = {
  noun: 'cake',
  synonyms: [],
  parts: ['icing'],
  colours: ['pink', 'white', 'brown', 'yellow', 'pink', 'blue', 'purple', 'green'],
  make(draw, colour) {
    const form = draw.pick(['whole', 'whole', 'whole', 'cut', 'slice'] as const);
    const missing = { whole: 0, cut: draw.between(0.7, 1.1), slice: 2 * Math.PI - draw.between(0.65, 0.85) }[form];
    const span = 2 * Math.PI - missing;
    const chocolate = draw.chance(0.35);
    const sponge = chocolate ? exactPaint('brown', 22, 0.5, 0.2) : exactPaint('beige', 41, 0.8, 0.7);
    const body: BakedCake = { radius: draw.between(8.5, 11), height: draw.between(6, 8.5), span, sponge };
    const { radius, height } = body;
    const thickness = 0.45;
    const covered = form !== 'whole' || draw.chance(0.5);
    const edge = covered ? () => 0 : dripping(draw, height);
    const icing = [coat(radius, height, edge, span, thickness)];
    if (covered) icing.push(...icingTrimmings(draw, body, thickness));
    const parts: ThingPart[] = [
      ...spongeLayers(draw, body),
      { name: 'icing', geometry: join(icing), finish: icedFinish(draw, colour) },
      ...toppings(draw, colour, radius, height + thickness, span),
    ];
    // The cut is at the front, and so is the point of a slice.
    for (const { geometry } of parts) {
      geometry.rotateZ(form === 'slice' ? Math.PI - span / 2 : missing / 2);
      if (form === 'slice') geometry.translate(0, -radius / 2, 0);
    }
    const bare = covered || sponge.word === colour ? [] : [sponge.word];
    return { colours: [colour, ...bare], parts };
  },
};
