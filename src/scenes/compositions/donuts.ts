/** A donut breakfast. */
import { type Composition, Table, topOf } from './composition.ts';

export const donuts: Composition = {
  name: 'donuts',
  about: 'a donut breakfast with coffee, fruit and a tissue box',
  demoPhrases: ['donut', 'donut icing', 'orange', 'tissue box', 'mug handle', 'milk carton'],
  arrange(draw) {
    const table = new Table(draw);
    const turn = (spread = 0.4) => draw.between(-spread, spread);
    const near = (x: number, y: number): [number, number] => [x + draw.between(-1.5, 1.5), y + draw.between(-1.5, 1.5)];
    const side = draw.chance(0.5) ? 1 : -1;
    table.put('table', { at: [0, 0], colour: draw.pick(['white', 'beige']) });
    table.put('wall', { at: [0, 60], colour: draw.pick(['grey', 'pink', 'yellow']) });
    table.put('floor', { at: [0, 0], on: -74 });
    const tray = table.put('tray', { at: near(side * 2, -4), yaw: turn(0.1), size: 1.05 });
    const icings = draw.shuffle(['pink', 'brown', 'white'] as const);
    for (const [index, colour] of icings.entries())
      table.put('donut', {
        at: [tray.at[0] - 10.5 + index * 10.5, tray.at[1] + (index % 2 ? -4 : 4)],
        on: 1,
        yaw: turn(3),
        colour,
      });
    const plate = table.put('plate', {
      at: near(-side * 27, -10),
      colour: draw.pick(['blue', 'green', 'yellow']),
      size: 0.8,
    });
    table.put('donut', {
      at: [plate.at[0], plate.at[1]],
      on: topOf(plate) - 0.8,
      yaw: turn(3),
      colour: draw.pick(['brown', 'pink']),
    });
    table.put('mug', {
      at: near(side * 27, -8),
      yaw: turn(0.8),
      colour: draw.pick(['black', 'teal', 'purple', 'red']),
    });
    table.put('tissue box', { at: near(-side * 24, 14), yaw: turn(0.3) });
    table.put('milk carton', { at: near(side * 10, 18), yaw: turn(0.4) });
    table.put('orange', { at: near(side * 24, 10) });
    table.put('banana', { at: near(-side * 6, -24), yaw: turn(0.5) });
    table.put('muffin', { at: near(-side * 7, 15) });
    table.put('knife', { at: near(side * 20, -23), yaw: turn(0.3) });
    table.put('rubber duck', { at: near(side * 36, 3), yaw: -side * 0.6 + turn() });
    table.put('candle', { at: near(-side * 38, 2) });
    return {
      things: table.things,
      light: { centre: [60 * side, -80, 150], radius: 26, colour: [0.66, 0.64, 0.6] },
      sky: [0.27, 0.28, 0.31],
      orbit: { target: [0, -2, 5], radius: [56, 74], azimuth: [-62, 62], elevation: [24, 54], fov: 46 },
    };
  },
};
