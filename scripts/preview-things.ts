/**
 * Draws kinds of things as a contact sheet, each on a table in several seeds: `node scripts/preview-things.ts <out.png>
 * [--parts] [noun …]`. For whoever makes a new thing; with --parts in the colours of its part map.
 */
import { writeFileSync } from 'node:fs';
import { nodePlatform } from '../src/node.ts';
import { cameraAt } from '../src/scenes/cameras.ts';
import { boundsOf } from '../src/scenes/compositions/composition.ts';
import { drawFrom } from '../src/scenes/draw.ts';
import { type RenderedView, renderView } from '../src/scenes/render-view.ts';
import type { PlacedThing, SceneDescription } from '../src/scenes/scene.ts';
import { SceneMesh } from '../src/scenes/scene-mesh.ts';
import { thingKind, thingKinds } from '../src/scenes/things/index.ts';
import { makeThing, type ThingKind } from '../src/scenes/things/thing-kind.ts';

const [out, ...rest] = process.argv.slice(2);
const showParts = rest.includes('--parts');
const nouns = rest.filter((word) => word !== '--parts');
const kinds = nouns.length > 0 ? nouns.map(thingKind) : thingKinds.filter(({ stuff }) => !stuff);
const [cell, seeds] = [150, 4];

/** The thing on a beige table before a grey wall, as large as fits. */
function preview(kind: ThingKind, row: number, seed: number): RenderedView {
  const draw = drawFrom(100 + seed);
  const stand = (noun: string, name: number, colour: 'beige' | 'grey', y: number): PlacedThing => ({
    thing: makeThing(thingKind(noun), draw.fork(name), { colour }),
    at: [0, y, 0],
    yaw: 0,
  });
  const placed: PlacedThing = { thing: makeThing(kind, draw.fork(row)), at: [0, 0, 0], yaw: seed * 0.9 };
  const { min, max } = boundsOf(placed);
  const scene: SceneDescription = {
    name: 'preview',
    things: [stand('table', 1, 'beige', 0), stand('wall', 2, 'grey', 60), placed],
    light: { centre: [-60, -70, 150], radius: 25, colour: [0.66, 0.63, 0.58] },
    sky: [0.3, 0.31, 0.34],
  };
  const distance = 3.2 * Math.hypot(Math.max(max.x, -min.x), Math.max(max.y, -min.y), max.z);
  const eye = [distance * 0.35, -distance, max.z / 2 + distance * 0.6] as const;
  const camera = cameraAt(eye, [0, 0, max.z / 2], cell, cell, 34);
  return renderView(new SceneMesh(scene), scene, camera, { samples: 5, seed });
}

/** Copies the preview, or the colours of its parts, to its place on the sheet. */
function paste(view: RenderedView, target: Uint8Array, row: number, column: number): void {
  for (let pixel = 0; pixel < cell * cell; pixel++) {
    const [y, x] = [row * cell + Math.floor(pixel / cell), column * cell + (pixel % cell)];
    for (let channel = 0; channel < 3; channel++)
      target[(y * cell * seeds + x) * 3 + channel] = showParts
        ? Math.imul(view.parts[pixel] + 1, [73, 151, 199][channel]) & 255
        : view.rgb[pixel * 3 + channel];
  }
}

const [width, height] = [cell * seeds, cell * kinds.length];
const data = new Uint8Array(width * height * 3);
for (const [row, kind] of kinds.entries())
  for (let seed = 0; seed < seeds; seed++) paste(preview(kind, row, seed), data, row, seed);
writeFileSync(out, await nodePlatform().images.encodePng({ width, height, channels: 3, data }));
console.log(kinds.map(({ noun }) => noun).join(', '));
