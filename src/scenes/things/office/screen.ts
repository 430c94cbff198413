/** What is on the screen of a monitor, laptop or phone. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, join, type Point, slab } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { roundedOutline } from '../forms/outlines.ts';
import { finish } from '../thing-kind.ts';
import { brightColours } from './colours.ts';

type ScreenShape = readonly [BufferGeometry, Finish];

/** Flat shapes on a screen about the origin that faces +z; a higher level lies on top. */
class Screen {
  readonly width: number;
  readonly height: number;
  private readonly corner: number;
  private readonly draw: Draw;
  constructor(draw: Draw, width: number, height: number, corner: number) {
    this.draw = draw;
    this.width = width;
    this.height = height;
    this.corner = corner;
  }

  layer(word: ColourWord): Finish {
    return finish(paintOf(word, this.draw), { gloss: 0.6, grain: 0 });
  }

  ground(word: ColourWord): ScreenShape {
    const outline = roundedOutline(this.width, this.height, this.corner);
    return [slab(outline, 0.03, 0.008), this.layer(word)];
  }

  /** A rectangle, its middle and size in units of the screen. */
  pane(x: number, y: number, w: number, h: number, level: number, round = 0.15): BufferGeometry {
    const [width, height] = [w * this.width, h * this.height];
    const outline = roundedOutline(width, height, Math.min(round, width * 0.45, height * 0.45), 3);
    return slab(outline, 0.03, 0.008).translate(x * this.width, y * this.height, 0.03 * level);
  }

  /** Lines of text, ragged on the right. */
  lines(x: number, y: number, w: number, count: number, gap: number, level: number): BufferGeometry {
    const lines = Array.from({ length: count }, (_, line) => {
      const long = w * this.draw.between(0.35, 1);
      return this.pane(x - (w - long) / 2, y - line * gap, long, gap * 0.4, level);
    });
    return join(lines);
  }

  hill(peaks: readonly number[], level: number): BufferGeometry {
    const { width, height } = this;
    const skyline = peaks.map((peak, which): Point => [width * (0.5 - which / (peaks.length - 1)), height * peak]);
    const outline: Point[] = [[-width / 2, -height / 2], [width / 2, -height / 2], ...skyline];
    return slab(outline, 0.03, 0.001).translate(0, 0, 0.03 * level);
  }
}

type ScreenPicture = (draw: Draw, screen: Screen) => ScreenShape[];

const landscape: ScreenPicture = (draw, screen) => {
  const { width, height } = screen;
  const sun = Math.min(width, height) * 0.12;
  return [
    screen.ground(draw.pick(['blue', 'teal', 'pink', 'orange'])),
    [
      cylinder(sun, sun, 0.03, 24).translate(width * draw.between(-0.3, 0.3), height * 0.22, 0.01),
      screen.layer(draw.pick(['white', 'yellow'])),
    ],
    [screen.hill([-0.1, 0.12, -0.05, 0.18, 0.02], 1), screen.layer(draw.pick(['purple', 'teal', 'grey']))],
    [screen.hill([-0.3, -0.18, -0.1, -0.22, -0.32], 2), screen.layer('green')],
  ];
};

const codeEditor: ScreenPicture = (_, screen) => [
  screen.ground('black'),
  [screen.pane(-0.42, 0, 0.14, 0.98, 1), screen.layer('grey')],
  ...(['teal', 'yellow', 'pink', 'green'] as const).map(
    (word, block): ScreenShape => [screen.lines(0.02, 0.4 - 0.22 * block, 0.6, 3, 0.065, 1), screen.layer(word)],
  ),
];

const openWindows: ScreenPicture = (draw, screen) => [
  screen.ground(draw.pick(['blue', 'teal', 'purple', 'pink'])),
  [screen.pane(0, -0.46, 0.98, 0.06, 1), screen.layer('black')],
  [screen.pane(-0.1, 0.08, 0.6, 0.7, 1), screen.layer('white')],
  [screen.pane(-0.1, 0.395, 0.6, 0.07, 2), screen.layer(draw.pick(['grey', 'blue', 'orange']))],
  [screen.lines(-0.13, 0.28, 0.46, 6, 0.08, 2), screen.layer('grey')],
  [screen.pane(0.25, -0.12, 0.36, 0.48, 3), screen.layer(draw.pick(['white', 'yellow', 'black']))],
  [
    join([0.15, 0.3, 0.22, 0.36].map((h, bar) => screen.pane(0.14 + 0.075 * bar, -0.3 + h / 2, 0.05, h, 4))),
    screen.layer(draw.pick(['red', 'green', 'orange'])),
  ],
];

const appIcons: ScreenPicture = (draw, screen) => {
  const icon = (place: number) => {
    const [x, y] = [((place % 4) - 1.5) * 0.23, 0.36 - Math.floor(place / 4) * 0.15];
    return screen.pane(x, y, 0.165, (0.165 * screen.width) / screen.height, 1, 0.3);
  };
  const places = Array.from({ length: 20 }, (_, place) => place);
  const ofColour = (which: number) => places.filter((place) => (place * 7 + (place >> 2)) % 5 === which);
  return [
    screen.ground(draw.pick(['blue', 'purple', 'teal', 'pink', 'black'])),
    ...draw
      .shuffle(brightColours)
      .slice(0, 5)
      .map((word, which): ScreenShape => [join(ofColour(which).map(icon)), screen.layer(word)]),
    [screen.pane(0, -0.42, 0.92, 0.11, 1, 0.5), screen.layer('white')],
  ];
};

/** What a screen shows, about the origin and facing +z: flat pieces, the later ones on top. */
function screenPicture(draw: Draw, width: number, height: number, corner: number): ScreenShape[] {
  const choices = height > width ? [appIcons, appIcons, landscape] : [landscape, codeEditor, openWindows];
  return draw.pick(choices)(draw, new Screen(draw, width, height, corner));
}

export const screenParts = (
  draw: Draw,
  width: number,
  height: number,
  corner: number,
  move: (geometry: BufferGeometry) => BufferGeometry,
): ThingPart[] =>
  screenPicture(draw, width, height, corner).map(([geometry, look]) => ({
    name: 'screen',
    geometry: move(geometry),
    finish: look,
  }));
