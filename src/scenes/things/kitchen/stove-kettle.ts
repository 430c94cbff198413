/** A kettle for the stove. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, ellipsoid, join, ring, tube } from '../../meshes.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { creasedLathe } from '../forms/solids.ts';
import { radiiTube } from '../forms/tubes.ts';
import { metallic, moulded } from '../thing-kind.ts';

function stoveBody(radius: number, height: number): BufferGeometry {
  const belly = curveThrough(
    [
      [radius * 0.9, 0.4],
      [radius, height * 0.2],
      [radius * 0.93, height * 0.58],
      [radius * 0.66, height * 0.88],
      [radius * 0.42, height],
    ],
    22,
  );
  return creasedLathe([[0, 0], [radius * 0.88, 0], ...belly, [0, height]], 56);
}

function stoveLid(top: number): BufferGeometry {
  return creasedLathe(
    [
      [top, -0.3],
      [top + 0.15, 0.1],
      [top, 0.4],
      ...curveThrough(
        [
          [top * 0.95, 0.5],
          [top * 0.6, 1.2],
          [0, 1.5],
        ],
        8,
      ),
    ],
    36,
  );
}

function stoveSpout(radius: number, height: number): BufferGeometry {
  return radiiTube(
    [
      [radius * 0.7, 0, height * 0.38],
      [radius * 1.15, 0, height * 0.56],
      [radius * 1.42, 0, height * 0.86],
      [radius * 1.68, 0, height * 1.04],
    ],
    [2.5, 1.9, 1.4, 1.15],
    26,
    16,
  );
}

function archSides(radius: number, height: number, rise: number): BufferGeometry {
  const arch = [-1, 1].map((side) =>
    tube(
      [
        [side * radius * 0.74, 0, height * 0.78],
        [side * radius * 0.86, 0, height * 1.1],
        [side * radius * 0.62, 0, rise * 0.96],
      ],
      0.42,
    ),
  );
  return join(arch);
}

function archGrip(radius: number, rise: number): BufferGeometry {
  return radiiTube(
    [
      [-radius * 0.64, 0, rise * 0.955],
      [-radius * 0.3, 0, rise],
      [radius * 0.3, 0, rise],
      [radius * 0.64, 0, rise * 0.955],
    ],
    [0.9, 1.05, 0.9],
    24,
  );
}

/** A kettle for the stove: squat, with an arch over its lid. */
export function stoveKettle(draw: Draw, look: Finish, grip: Finish): ThingPart[] {
  const radius = draw.between(8.5, 10);
  const height = radius * draw.between(1.15, 1.4);
  const body = stoveBody(radius, height);
  const top = radius * 0.44;
  const lid = stoveLid(top);
  const knob = ellipsoid(1.1, 1.1, 1, 18).translate(0, 0, 2.1);
  const spout = stoveSpout(radius, height);
  const mouth = cylinder(0.85, 0.85, 0.3)
    .rotateY(0.85)
    .translate(radius * 1.68 + 0.75, 0, height * 1.04 + 0.75);
  const rise = height + radius * draw.between(0.75, 1);
  const bar = archGrip(radius, rise);
  return [
    { geometry: body, finish: look },
    { geometry: ring(radius * 0.94, 0.35, 48).translate(0, 0, 0.6), finish: metallic(draw) },
    { name: 'lid', geometry: lid.translate(0, 0, height), finish: look },
    { name: 'lid', geometry: knob.translate(0, 0, height), finish: grip },
    { name: 'spout', geometry: spout, finish: look },
    { name: 'spout', geometry: mouth, finish: moulded(draw, 'black') },
    { name: 'handle', geometry: archSides(radius, height, rise), finish: metallic(draw) },
    { name: 'handle', geometry: bar, finish: grip },
  ];
}
