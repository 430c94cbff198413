/** Tea for two on a wooden table, with guests of plush. */
import { type Composition, Table, topOf } from './composition.ts';

export const teaTime: Composition = {
  name: 'tea-time',
  about: 'tea for two, with cake and guests of plush',
  demoPhrases: ['teapot', 'mug', 'teddy bear', 'teapot spout', 'apple', 'cake icing'],
  arrange(draw) {
    const table = new Table(draw);
    const turn = (spread = 0.4) => draw.between(-spread, spread);
    const near = (x: number, y: number): [number, number] => [x + draw.between(-1.5, 1.5), y + draw.between(-1.5, 1.5)];
    table.put('table', { at: [0, 0], colour: 'brown' });
    table.put('wall', { at: [0, 62], colour: draw.pick(['beige', 'green', 'blue']) });
    table.put('floor', { at: [0, 0], on: -74 });
    const side = draw.chance(0.5) ? 1 : -1;
    table.put('teapot', {
      at: near(side * 3, 4),
      yaw: side > 0 ? turn() : Math.PI + turn(),
      colour: draw.pick(['white', 'blue', 'teal', 'red']),
    });
    const cakePlate = table.put('plate', { at: near(-side * 20, 6), colour: 'white' });
    table.put('cake', { at: [cakePlate.at[0], cakePlate.at[1]], on: topOf(cakePlate) - 1, yaw: turn(1), size: 0.85 });
    table.put('mug', { at: near(side * 14, -12), yaw: turn(0.6), colour: draw.pick(['red', 'orange', 'yellow']) });
    table.put('mug', {
      at: near(-side * 3, -15),
      yaw: Math.PI + turn(0.6),
      colour: draw.pick(['green', 'blue', 'purple']),
    });
    table.put('teddy bear', { at: near(side * 26, 12), yaw: -side * 0.5 + turn(0.3) });
    table.put('toy sheep', { at: near(-side * 34, -6), yaw: side * 0.5 + turn(0.3) });
    const dish = table.put('plate', {
      at: near(side * 29, -12),
      colour: draw.pick(['yellow', 'green', 'pink']),
      size: 0.75,
    });
    table.put('cookie', { at: [dish.at[0] - 2.4, dish.at[1] - 1.5], on: topOf(dish) - 0.8, yaw: turn(3) });
    table.put('cookie', { at: [dish.at[0] + 2.6, dish.at[1] + 1], on: topOf(dish) - 0.6, yaw: turn(3) });
    table.put('apple', { at: near(-side * 18, -15), colour: draw.pick(['red', 'green']) });
    table.put('spoon', { at: near(side * 6, -23), yaw: turn(0.5) });
    table.put('jug', { at: near(-side * 10, 16), yaw: turn(3) });
    table.put('napkin', { at: near(-side * 31, -21), yaw: turn(0.3) });
    return {
      things: table.things,
      light: { centre: [-70 * side, -60, 150], radius: 24, colour: [0.68, 0.63, 0.56] },
      sky: [0.28, 0.29, 0.33],
      orbit: { target: [0, -1, 7], radius: [58, 74], azimuth: [-62, 62], elevation: [20, 50], fov: 46 },
    };
  },
};
