/** An electric kettle. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { join } from '../../meshes.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { creasedLathe } from '../forms/solids.ts';
import { radiiTube } from '../forms/tubes.ts';
import { moulded } from '../thing-kind.ts';

function electricBody(radius: number, top: number, height: number): BufferGeometry {
  const wall = curveThrough(
    [
      [radius, 3],
      [radius * 0.98, height * 0.35],
      [top * 1.06, height * 0.8],
      [top, height],
    ],
    16,
  );
  return creasedLathe([[0, 2.2], [radius * 0.97, 2.2], ...wall, [0, height]], 56);
}

function kettleBase(radius: number): BufferGeometry {
  return creasedLathe(
    [
      [0, 0],
      [radius + 1, 0],
      [radius + 1, 0.8],
      [radius * 0.9, 1.8],
      [radius * 0.9, 2.4],
      [0, 2.4],
    ],
    56,
  );
}

function electricLid(top: number): BufferGeometry {
  const lid = creasedLathe(
    [
      [top, -0.2],
      [top + 0.1, 0.3],
      ...curveThrough(
        [
          [top * 0.95, 0.7],
          [top * 0.6, 1.3],
          [0, 1.6],
        ],
        10,
      ),
    ],
    48,
  );
  const knob = creasedLathe(
    [
      [0.9, 1],
      [0.9, 1.9],
      [1.5, 2.2],
      [1.5, 2.7],
      [0, 2.9],
    ],
    24,
  );
  return join([lid, knob]);
}

function kettleBeak(top: number, height: number): BufferGeometry {
  return radiiTube(
    [
      [top * 0.6, 0, height * 0.72],
      [top * 1.1, 0, height * 0.88],
      [top * 1.72, 0, height * 1.02],
    ],
    [3, 2.3, 1.1],
    20,
    18,
  );
}

function electricHandle(radius: number, top: number, height: number): BufferGeometry {
  return radiiTube(
    [
      [-top * 0.9, 0, height * 0.97],
      [-top - 4, 0, height * 0.99],
      [-top - 6, 0, height * 0.8],
      [-radius - 4.4, 0, height * 0.36],
      [-radius * 0.92, 0, height * 0.24],
    ],
    [1.1, 1.15, 1.15, 0.95, 0.9],
    32,
  );
}

function waterGauge(radius: number, top: number, height: number): BufferGeometry {
  const slim = top * 1.06 + (radius * 0.98 - top * 1.06) * 0.35;
  return radiiTube(
    [
      [0, -radius * 0.99, height * 0.3],
      [0, -(radius + slim) / 2, height * 0.47],
      [0, -slim, height * 0.64],
    ],
    [0.55, 0.55],
    12,
  );
}

/** An electric kettle: tall, on a base, with a beak and a handle at its back. */
export function electricKettle(draw: Draw, look: Finish, grip: Finish): ThingPart[] {
  const [radius, top] = [draw.between(7.6, 8.4), draw.between(5.4, 6.2)];
  const height = draw.between(18, 21);
  const body = electricBody(radius, top, height);
  const base = kettleBase(radius);
  const spout = kettleBeak(top, height);
  const handle = electricHandle(radius, top, height);
  const gauge = waterGauge(radius, top, height);
  return [
    { geometry: body, finish: look },
    { geometry: base, finish: grip },
    { geometry: gauge, finish: moulded(draw, 'white') },
    { name: 'lid', geometry: electricLid(top).translate(0, 0, height), finish: grip },
    { name: 'spout', geometry: spout, finish: look },
    { name: 'handle', geometry: handle, finish: grip },
  ];
}
