/** A toy robot of tin or plastic. */
import { BoxGeometry, type BufferGeometry, TorusGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, ellipsoid, join, lathe, rod, roundedBox } from '../../meshes.ts';
import type { ColourWord } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { bothSides, sized } from '../forms/placing.ts';
import { taperedTube } from '../forms/tubes.ts';
import { metallic, moulded, type ThingKind } from '../thing-kind.ts';

const robotColours = ['grey', 'red', 'blue', 'green', 'teal', 'orange', 'yellow', 'white'] as const;

/** Face and chest of a robot: eyes, mouth, panel, dial, buttons. */
function robotFront(draw: Draw, colour: ColourWord, face: number, chest: number): ThingPart[] {
  const disc = (radius: number, thick: number) => cylinder(radius, radius * 0.85, thick, 24).rotateX(Math.PI / 2);
  const glow = draw.pick((['yellow', 'red', 'green', 'white'] as const).filter((word) => word !== colour));
  const buttons = [-1.1, 0, 1.1].map((x, index) => ({
    geometry: ellipsoid(0.38, 0.3, 0.38, 12).translate(x, chest - 0.3, 6.5),
    finish: moulded(draw, (['red', 'yellow', 'green'] as const)[index]),
  }));
  return [
    { geometry: bothSides((side) => disc(1, 0.5).translate(side * 1.25, face, 14.6)), finish: moulded(draw, 'black') },
    { geometry: bothSides((side) => disc(0.72, 0.75).translate(side * 1.25, face, 14.6)), finish: moulded(draw, glow) },
    { geometry: roundedBox(2.8, 0.5, 0.9, 0.2).translate(0, face, 12.7), finish: moulded(draw, 'black') },
    {
      geometry: join(
        [-0.9, -0.3, 0.3, 0.9].map((x) =>
          new BoxGeometry(0.22, 0.6, 0.9).translate(0, 0, 0.45).translate(x, face, 12.7),
        ),
      ),
      finish: metallic(draw),
    },
    {
      geometry: roundedBox(4.4, 0.5, 4, 0.4).translate(0, chest, 5.8),
      finish: moulded(draw, colour === 'white' ? 'grey' : 'white'),
    },
    { geometry: disc(1, 0.5).translate(0, chest, 8.3), finish: moulded(draw, 'black') },
    {
      geometry: new BoxGeometry(0.22, 0.3, 0.9).rotateY(draw.between(-1, 1)).translate(0, chest - 0.45, 8.3),
      finish: moulded(draw, 'red'),
    },
    ...buttons,
  ];
}

const hoop = (radius: number, thick: number) => new TorusGeometry(radius, thick, 8, 24);

function robotHead(domed: boolean): BufferGeometry {
  return domed
    ? lathe(
        curveThrough(
          [
            [2.9, 11.2],
            [2.9, 13.4],
            [2.5, 15.4],
            [1.3, 16.6],
            [0, 16.9],
          ],
          24,
        ),
      )
    : roundedBox(5.8, 4.8, 4.8, 0.7).translate(0, 0, 11.3);
}

function robotChest(barrel: boolean): BufferGeometry {
  return barrel
    ? lathe(
        curveThrough(
          [
            [0, 4.2],
            [2.4, 4.2],
            [3.5, 5.2],
            [3.8, 7.4],
            [3.4, 9.9],
            [2, 10.6],
            [0, 10.6],
          ],
          32,
        ),
      )
    : roundedBox(7.2, 5, 6.4, 0.8).translate(0, 0, 4.2);
}

function robotArms(draw: Draw): BufferGeometry {
  const arms = bothSides((side) =>
    taperedTube(
      [
        [side * 4.2, 0, 9.2],
        [side * 5.6, -0.4, 7.8],
        [side * 5.6, -2.6, draw.fork(3).between(5, 8)],
      ],
      () => 0.75,
      10,
      12,
    ),
  );
  const claws = bothSides((side) =>
    new TorusGeometry(0.95, 0.36, 10, 20, 4.6).rotateZ(2.41).translate(side * 5.6, -3.6, draw.fork(3).between(5, 8)),
  );
  return join([arms, claws]);
}

function antennaAndEars(top: number): BufferGeometry {
  return join([
    rod([0, 0, top - 0.2], [0, 0, top + 1.6], 0.18),
    ...[-1, 1].map((side) =>
      cylinder(1, 0.7, 0.9, 20)
        .rotateY((side * Math.PI) / 2)
        .translate(side * 2.8, 0, 13.8),
    ),
  ]);
}

function robotLegs(): BufferGeometry {
  return bothSides((side) =>
    join([
      cylinder(1.15, 1.15, 3.4, 22),
      hoop(1.15, 0.28).translate(0, 0, 1.3),
      hoop(1.15, 0.28).translate(0, 0, 2.2),
    ]).translate(side * 1.9, 0.2, 1.1),
  );
}

export const toyRobot: ThingKind = {
  noun: 'toy robot',
  synonyms: ['robot'],
  parts: ['leg', 'foot'],
  colours: robotColours,
  make(draw, colour) {
    const shell =
      colour === 'grey'
        ? metallic(draw)
        : draw.chance(0.5)
          ? { ...metallic(draw, colour), gloss: 0.6 }
          : moulded(draw, colour);
    const limbs = colour === 'grey' ? moulded(draw, draw.pick(['red', 'blue', 'teal'])) : metallic(draw);
    const domed = draw.chance(0.4);
    const head = robotHead(domed);
    const barrel = draw.chance(0.35);
    const chest = robotChest(barrel);
    const arms = robotArms(draw);
    const shoulders = bothSides((side) => ellipsoid(1.25, 1.25, 1.25, 18).translate(side * 3.9, 0, 9));
    const neck = join([0, 1, 2].map((index) => hoop(1.5, 0.32).translate(0, 0, 10.5 + 0.4 * index)));
    const top = domed ? 16.8 : 16.1;
    const antenna = antennaAndEars(top);
    const legs = robotLegs();
    const feet = bothSides((side) => roundedBox(3, 4.4, 1.7, 0.6).translate(side * 1.95, -0.5, 0));
    const parts: ThingPart[] = [
      { geometry: join([head, chest]), finish: shell },
      { geometry: join([arms, neck, antenna]), finish: limbs },
      {
        geometry: join([shoulders, ellipsoid(0.5, 0.5, 0.5, 14).translate(0, 0, top + 1.9)]),
        finish: moulded(draw, colour === 'red' ? 'yellow' : 'red'),
      },
      ...robotFront(draw, colour, domed ? -2.7 : -2.35, barrel ? -3.4 : -2.45),
      { name: 'leg', geometry: legs, finish: limbs },
      { name: 'foot', geometry: feet, finish: shell },
    ];
    return { colours: [colour], material: shell.material, parts: sized(parts, draw.between(0.8, 1.15)) };
  },
};
