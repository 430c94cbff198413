/** A bowl of ramen and what goes with it. */
import { type Composition, Table } from './composition.ts';

export const ramenBowl: Composition = {
  name: 'ramen-bowl',
  about: 'a bowl of ramen with its toppings, up close',
  demoPhrases: ['egg', 'egg yolk', 'chopsticks', 'seaweed', 'bowl', 'bottle cap'],
  arrange(draw) {
    const table = new Table(draw);
    const turn = (spread = 0.4) => draw.between(-spread, spread);
    const near = (x: number, y: number): [number, number] => [x + draw.between(-1, 1), y + draw.between(-1, 1)];
    const side = draw.chance(0.5) ? 1 : -1;
    table.put('table', { at: [0, 0], colour: draw.pick(['brown', 'grey', 'beige']) });
    table.put('wall', { at: [0, 52], colour: draw.pick(['beige', 'blue', 'white']) });
    table.put('floor', { at: [0, 0], on: -74 });
    const bowl = table.put('bowl', { at: [0, 0], colour: draw.pick(['black', 'white', 'red']), size: 1.35 });
    const [x, y] = bowl.at;
    const level = 5.6;
    table.put('soup', { at: [x, y], on: level - 0.6, size: 0.98 });
    table.put('noodles', { at: [x + side * 1.2, y + 0.5], on: level - 1.2, yaw: turn(3), size: 0.85 });
    // In this colour an egg is cut in half.
    table.put('egg', { at: [x - side * 4.4, y - 3], on: level - 0.4, yaw: turn(0.4), colour: 'yellow' });
    table.put('seaweed', { at: [x + side * 1, y + 6], on: level - 2.5, yaw: turn(0.2) });
    table.put('chopsticks', { at: near(side * 19, -4), yaw: Math.PI / 2 + turn(0.15) });
    table.put('spoon', { at: near(-side * 18, -6), yaw: Math.PI / 2 + turn(0.2) });
    table.put('bottle', { at: near(-side * 17, 13), colour: draw.pick(['red', 'brown', 'green']), size: 0.85 });
    table.put('mug', { at: near(side * 17, 14), yaw: turn(1), colour: draw.pick(['green', 'blue', 'white']) });
    table.put('tomato', { at: near(-side * 28, -2) });
    table.put('carrot', { at: near(side * 2, -19), yaw: turn(0.4) });
    table.put('napkin', { at: near(side * 30, -8), yaw: turn(0.3), colour: draw.pick(['yellow', 'orange', 'pink']) });
    table.put('candle', { at: near(side * 30, 12) });
    table.put('cutting board', { at: near(-side * 33, 14), yaw: turn(0.2), size: 0.7 });
    table.put('lemon', { at: near(-side * 27, -15), yaw: turn(3) });
    return {
      things: table.things,
      light: { centre: [-60 * side, -60, 140], radius: 22, colour: [0.68, 0.63, 0.56] },
      sky: [0.27, 0.28, 0.31],
      orbit: { target: [0, -1, 5], radius: [42, 60], azimuth: [-65, 65], elevation: [26, 58], fov: 46 },
    };
  },
};
