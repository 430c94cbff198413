/** A computer mouse, sometimes with its cable. */
import { type BufferGeometry, SphereGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, join, ring, roundedBox, tube } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart, Vec3 } from '../../scene.ts';
import { finish, moulded, type ThingKind } from '../thing-kind.ts';

function mouseShell(wide: number, long: number, high: number): BufferGeometry {
  const shell = new SphereGeometry(1, 48, 32).rotateX(Math.PI / 2);
  const { position } = shell.attributes;
  for (let vertex = 0; vertex < position.count; vertex++) {
    const [x, y, z] = [position.getX(vertex), position.getY(vertex), position.getZ(vertex)];
    const round = 1 + 0.06 * (1 - Math.abs(z)) * Math.abs(2 * x * y);
    const waist = 1 - 0.05 * Math.cos(y * 3) * Math.min(1, 1.5 - Math.abs(z));
    position.setXYZ(
      vertex,
      x * wide * round * waist,
      y * long * round,
      0.55 + (z > 0 ? z * (high - 0.55) * (0.86 - 0.2 * y) : z * 0.55),
    );
  }
  shell.computeVertexNormals();
  return shell;
}

function mouseCable(draw: Draw, long: number): BufferGeometry {
  const bend = draw.between(-5, 5);
  return tube(
    [
      [0, long * 0.93, 0.9],
      [0, long + 1.5, 0.4],
      [bend * 0.4, long + 5, 0.25],
      [bend, long + 9, 0.25],
    ],
    0.22,
  );
}

export const mouse: ThingKind = {
  noun: 'computer mouse',
  synonyms: ['mouse'],
  parts: [],
  colours: ['black', 'white', 'grey', 'red', 'blue', 'pink', 'teal'],
  make(draw, colour) {
    const [wide, long, high] = [draw.between(2.9, 3.4), draw.between(5, 5.9), draw.between(3.6, 4.4)];
    const shell = mouseShell(wide, long, high);
    const surface = (x: number, y: number): Vec3 => [
      x * wide,
      y * long,
      0.58 + Math.sqrt(Math.max(0, 1 - x * x - y * y)) * (high - 0.55) * (0.86 - 0.2 * y),
    ];
    const across = [-0.72, -0.45, -0.2, 0, 0.2, 0.45, 0.72].map((x) => surface(x, 0.12 + 0.1 * x * x));
    const along = [0.12, 0.4, 0.65, 0.85, 0.97].map((y) => surface(0, y));
    const seams = [tube(across, 0.06), tube(along, 0.07)];
    const [, wheelY, wheelZ] = surface(0, 0.62);
    const wheel = [
      cylinder(0.75, 0.75, 0.6, 24).translate(0, 0, -0.3),
      ...[-0.2, 0, 0.2].map((z) => ring(0.75, 0.06, 24).translate(0, 0, z)),
    ];
    const well = roundedBox(1, 2.1, 0.2, 0.1)
      .rotateX(-0.45)
      .translate(0, wheelY, wheelZ - 0.14);
    const dark = finish(paintOf(colour === 'black' ? 'grey' : 'black', draw), { material: 'rubber', gloss: 0.1 });
    const parts: ThingPart[] = [
      { geometry: shell, finish: moulded(draw, colour) },
      { geometry: join([...seams, well]), finish: finish(paintOf('black', draw), { material: 'rubber', gloss: 0.1 }) },
      {
        geometry: join(wheel)
          .rotateY(Math.PI / 2)
          .translate(0, wheelY, wheelZ - 0.3),
        finish: dark,
      },
    ];
    if (draw.chance(0.5)) parts.push({ geometry: mouseCable(draw, long), finish: dark });
    return { colours: [colour], material: 'plastic', parts };
  },
};
