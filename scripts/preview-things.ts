/**
 * Draws kinds of things as a contact sheet, each on a table in several seeds: `node scripts/preview-things.ts <out.png>
 * [--parts] [noun …]`. For whoever makes a new thing; with --parts in the colours of its part map.
 */
import { writeFileSync } from 'node:fs';
import { cameraAt } from '../src/scenes/cameras.ts';
import { drawFrom } from '../src/scenes/draw.ts';
import { renderView } from '../src/scenes/render-view.ts';
import type { SceneDescription } from '../src/scenes/scene.ts';
import { SceneMesh } from '../src/scenes/scene-mesh.ts';
import { thingKind, thingKinds } from '../src/scenes/things/index.ts';
import { makeThing } from '../src/scenes/things/thing-kind.ts';
import { nodePlatform } from '../src/node.ts';

const [out, ...rest] = process.argv.slice(2);
const showParts = rest.includes('--parts');
const nouns = rest.filter((word) => word !== '--parts');
const kinds = nouns.length > 0 ? nouns.map(thingKind) : thingKinds.filter(({ stuff }) => !stuff);
const [cell, seeds] = [150, 4];

const sheet = {
  width: cell * seeds,
  height: cell * kinds.length,
  channels: 3 as const,
  data: new Uint8Array(cell * seeds * cell * kinds.length * 3),
};
for (const [row, kind] of kinds.entries())
  for (let seed = 0; seed < seeds; seed++) {
    const draw = drawFrom(100 + seed);
    const thing = makeThing(kind, draw.fork(row));
    const top = Math.max(
      ...thing.parts.map(({ geometry }) => (geometry.computeBoundingBox(), geometry.boundingBox!.max.z)),
    );
    const reach = Math.max(
      ...thing.parts.map(
        ({ geometry }) => (
          geometry.computeBoundingSphere(), geometry.boundingSphere!.radius + geometry.boundingSphere!.center.length()
        ),
      ),
      1,
    );
    const scene: SceneDescription = {
      name: 'preview',
      things: [
        { thing: makeThing(thingKind('table'), draw.fork(1), { colour: 'beige' }), at: [0, 0, 0], yaw: 0 },
        { thing: makeThing(thingKind('wall'), draw.fork(2), { colour: 'grey' }), at: [0, 60, 0], yaw: 0 },
        { thing, at: [0, 0, 0], yaw: seed * 0.9 },
      ],
      light: { centre: [-60, -70, 150], radius: 25, colour: [0.66, 0.63, 0.58] },
      sky: [0.3, 0.31, 0.34],
    };
    const distance = reach * 3.2;
    const camera = cameraAt([distance * 0.35, -distance, top / 2 + distance * 0.6], [0, 0, top / 2], cell, cell, 34);
    const view = renderView(new SceneMesh(scene), scene, camera, { samples: 5, seed });
    for (let y = 0; y < cell; y++)
      for (let x = 0; x < cell; x++)
        for (let c = 0; c < 3; c++) {
          const part = view.parts[y * cell + x];
          const value = showParts ? Math.imul(part + 1, [73, 151, 199][c]) & 255 : view.rgb[(y * cell + x) * 3 + c];
          sheet.data[((row * cell + y) * sheet.width + seed * cell + x) * 3 + c] = value;
        }
  }
writeFileSync(out, await nodePlatform().images.encodePng(sheet));
console.log(kinds.map(({ noun }) => noun).join(', '));
