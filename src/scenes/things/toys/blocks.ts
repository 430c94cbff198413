/** A heap of toy blocks. */
import type { BufferGeometry } from 'three';
import { join, type Point, roundedBox } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart, Vec3 } from '../../scene.ts';
import { sideways } from '../forms/placing.ts';
import { plump } from '../forms/solids.ts';
import { finish, moulded, type ThingKind } from '../thing-kind.ts';
import { blockSign } from './block-signs.ts';

/** Where blocks lie, in units of an edge: x, y, level. */
const heaps: readonly (readonly Vec3[])[] = [
  [
    [-1.08, 0, 0],
    [0, 0.05, 0],
    [1.08, 0, 0],
    [-0.55, 0, 1],
    [0.55, 0, 1],
    [0, 0, 2],
  ],
  [
    [-0.55, 0, 0],
    [0.55, 0.1, 0],
    [0, 0, 1],
  ],
  [
    [-0.6, 0, 0],
    [0.6, 0, 0],
    [-0.5, 0.05, 1],
    [-0.55, 0, 2],
  ],
  [
    [-0.54, 0.54, 0],
    [0.54, 0.54, 0],
    [-0.5, -0.55, 0],
    [0, 0.5, 1],
    [1.1, -0.8, 0],
  ],
  [
    [0, 0, 0],
    [0.05, 0, 1],
    [0, 0.05, 2],
    [1.2, -0.3, 0],
  ],
];

const blockColours = ['red', 'blue', 'green', 'yellow', 'orange', 'purple', 'teal', 'pink'] as const;

export const blocks: ThingKind = {
  noun: 'blocks',
  synonyms: ['building blocks', 'toy blocks', 'cubes'],
  parts: [],
  colours: blockColours,
  make(draw, colour) {
    const edge = draw.between(3, 4.4);
    const wooden = draw.chance(0.6);
    const look = (word: ColourWord): Finish =>
      wooden ? finish(paintOf(word, draw), { material: 'wooden', grain: 0.12, gloss: 0.25 }) : moulded(draw, word);
    const others = draw.shuffle(blockColours.filter((word) => word !== colour));
    const heap = draw.pick(heaps);
    const order = [colour, others[0], others[1], colour, others[0], others[2]];
    const top = Math.max(...heap.map(([, , level]) => level));
    const cream = finish(paintOf(draw.pick(['white', 'beige']), draw), { material: wooden ? 'wooden' : 'plastic' });
    const roofed = draw.chance(0.4);
    const parts = heap.flatMap(([x, y, level], index): ThingPart[] => {
      const place = (mesh: BufferGeometry, yaw: number) =>
        mesh.rotateZ(yaw).translate(x * edge, y * edge, level * edge);
      const yaw = draw.between(-0.14, 0.14);
      if (roofed && level === top) {
        const gable: Point[] = [
          [-edge / 2, 0],
          [edge / 2, 0],
          [0, edge * 0.62],
        ];
        return [{ geometry: place(sideways(plump(gable, edge, 0.14, 2), edge), yaw), finish: look(order[index]) }];
      }
      const half = edge / 2;
      const marks = [0, 1, 2, 3].map((turn) =>
        blockSign(draw)
          .scale(edge * 0.28, edge * 0.5, edge * 0.28)
          .translate(0, -half, half)
          .rotateZ((turn * Math.PI) / 2),
      );
      const lying = blockSign(draw)
        .scale(edge * 0.28, edge * 0.5, edge * 0.28)
        .rotateX(-Math.PI / 2)
        .translate(0, 0, edge);
      return [
        { geometry: place(roundedBox(edge, edge, edge, edge * 0.07), yaw), finish: look(order[index]) },
        { geometry: place(join([...marks, lying]), yaw), finish: cream },
      ];
    });
    return { colours: [colour, others[0]], material: wooden ? 'wooden' : 'plastic', parts };
  },
};
