/** A kitchen shelf, three boards high: things beside, inside and behind each other. */
import { type Composition, Table, topOf } from './composition.ts';

export const kitchenShelf: Composition = {
  name: 'kitchen-shelf',
  about: 'three boards of pots, jars, books and fruit',
  demoPhrases: ['kettle', 'book', 'book spine', 'clock', 'plant', 'kettle spout'],
  arrange(draw) {
    const shelf = new Table(draw);
    const turn = (spread = 0.3) => draw.between(-spread, spread);
    // Boards are 26 cm deep, tops at 0, 32 and 64 cm.
    const spot = (x: number, y = -3): [number, number] => [x + draw.between(-1.2, 1.2), y + draw.between(-1, 1)];
    shelf.put('wall', { at: [0, 14], colour: draw.pick(['white', 'green', 'yellow']) });
    shelf.put('floor', { at: [0, 0], on: -60 });
    shelf.put('shelf', { at: [0, 0] });
    const lower = draw.shuffle([-38, -13, 13, 38]);
    shelf.put('pot', { at: spot(lower[0]), yaw: turn() });
    shelf.put('kettle', { at: spot(lower[1]), yaw: turn(0.6), colour: draw.pick(['red', 'blue', 'grey']) });
    shelf.put('toaster', { at: spot(lower[2]), yaw: turn(0.15) });
    const bowl = shelf.put('bowl', { at: spot(lower[3]), colour: draw.pick(['teal', 'white', 'yellow']) });
    shelf.put('lemon', { at: [bowl.at[0] - 2.5, bowl.at[1]], on: topOf(bowl) - 3.2, yaw: turn(3) });
    shelf.put('apple', { at: [bowl.at[0] + 3, bowl.at[1] - 1], on: topOf(bowl) - 4.2, size: 0.9 });
    const middle = draw.shuffle([-40, -17, 10, 36]);
    shelf.put('jar', { at: spot(middle[0] - 5), on: 32 });
    shelf.put('jar', { at: spot(middle[0] + 5, -5), on: 32, size: 0.85 });
    shelf.put('mug', {
      at: spot(middle[1], -4),
      on: 32,
      yaw: turn(1),
      colour: draw.pick(['orange', 'purple', 'blue']),
    });
    const base = shelf.put('book', { at: spot(middle[2], -4), on: 32, yaw: turn(0.2), colour: 'red' });
    const upper = shelf.put('book', {
      at: [base.at[0] + 1, base.at[1]],
      on: topOf(base),
      yaw: turn(0.3),
      colour: 'blue',
      size: 0.92,
    });
    shelf.put('clock', { at: [upper.at[0], upper.at[1]], on: topOf(upper), yaw: turn(0.3), size: 0.8 });
    shelf.put('basket', { at: spot(middle[3]), on: 32, yaw: turn(0.2), size: 0.9 });
    const top = draw.shuffle([-38, -12, 14, 38]);
    shelf.put('plant', { at: spot(top[0]), on: 64, size: 0.9 });
    shelf.put('bottle', { at: spot(top[1] - 5), on: 64, colour: draw.pick(['green', 'brown', 'red']) });
    shelf.put('bottle', { at: spot(top[1] + 6, -5), on: 64, colour: draw.pick(['blue', 'yellow']), size: 0.85 });
    shelf.put('box', { at: spot(top[2]), on: 64, yaw: turn(0.2), size: 0.9 });
    shelf.put('picture frame', { at: spot(top[3], 0), on: 64, yaw: turn(0.2) });
    return {
      things: shelf.things,
      light: { centre: [-50, -120, 150], radius: 26, colour: [0.68, 0.65, 0.6] },
      sky: [0.34, 0.35, 0.38],
      orbit: { target: [0, -4, 44], radius: [98, 122], azimuth: [-48, 48], elevation: [-8, 24], fov: 48 },
    };
  },
};
