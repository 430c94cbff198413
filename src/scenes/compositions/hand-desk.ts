/** A desk with a mannequin hand among the things of work and play. */
import { type Composition, Table } from './composition.ts';

export const handDesk: Composition = {
  name: 'hand-desk',
  about: 'a desk with a mannequin hand, a screen and toys',
  demoPhrases: ['hand', 'hand thumb', 'laptop', 'lamp', 'lampshade', 'toy elephant'],
  arrange(draw) {
    const desk = new Table(draw);
    const turn = (spread = 0.3) => draw.between(-spread, spread);
    const near = (x: number, y: number): [number, number] => [x + draw.between(-1.5, 1.5), y + draw.between(-1.5, 1.5)];
    const side = draw.chance(0.5) ? 1 : -1;
    desk.put('table', { at: [0, 0], colour: draw.pick(['white', 'beige', 'brown']) });
    desk.put('wall', { at: [0, 58], colour: draw.pick(['blue', 'green', 'grey']) });
    desk.put('floor', { at: [0, 0], on: -74 });
    desk.put('hand', { at: near(side * 6, -8), yaw: turn(0.5) });
    desk.put('laptop', { at: near(-side * 14, 8), yaw: side * 0.25 + turn(0.1) });
    desk.put('lamp', { at: near(side * 30, 16), yaw: turn(0.5) + (side > 0 ? Math.PI : 0) });
    desk.put('pencil holder', { at: near(side * 18, 12) });
    desk.put('book', {
      at: near(side * 30, -9),
      yaw: turn(0.3),
      colour: draw.pick(['green', 'red', 'orange']),
    });
    desk.put('scissors', { at: near(-side * 19, -15), yaw: turn(1) });
    desk.put('computer mouse', { at: near(side * 17, -4), yaw: turn(0.3) });
    desk.put('toy elephant', { at: near(-side * 38, -2), yaw: side * 0.6 + turn() });
    desk.put('mug', { at: near(-side * 30, -18), yaw: turn(1), colour: draw.pick(['yellow', 'red', 'teal']) });
    desk.put('ball', { at: near(side * 7, -24) });
    desk.put('phone', { at: near(-side * 8, -22), yaw: turn(0.4) });
    desk.put('plant', { at: near(-side * 38, 22), size: 0.9 });
    desk.put('clock', { at: near(side * 8, 24), yaw: turn(0.2) });
    desk.put('toy car', { at: near(side * 20, -20), yaw: turn(1) });
    return {
      things: desk.things,
      light: { centre: [70 * side, -60, 150], radius: 24, colour: [0.66, 0.63, 0.58] },
      sky: [0.28, 0.29, 0.32],
      orbit: { target: [0, -1, 9], radius: [62, 82], azimuth: [-60, 60], elevation: [16, 48], fov: 46 },
    };
  },
};
