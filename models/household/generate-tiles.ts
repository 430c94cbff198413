/**
 * Renders the training data of the household encoder: `node models/household/generate-tiles.ts --out <folder>
 * [--scenes 3000] [--first 0] [--minutes 60] [--threads <all>] [--held-out]`. Writes meta.json and tiles.bin,
 * entities.bin, split.bin, kind.bin, side.bin, seen.bin as training/data.py reads them. Every twentieth scene is held out, or with --held-out all: data to
 * measure with, from a --first beyond the training scenes. Needs about 12 KB of disk a tile.
 * meta.json comes last, and marks the folder as whole.
 */
import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { drawFrom } from '../../src/scenes/draw.ts';
import { colourSynonyms, colourWords } from '../../src/scenes/palette.ts';
import { renderView } from '../../src/scenes/render-view.ts';
import { materialWords, type SceneDescription } from '../../src/scenes/scene.ts';
import { SceneMesh } from '../../src/scenes/scene-mesh.ts';
import type { ScenePart } from '../../src/scenes/scene-parts.ts';
import { thingKinds } from '../../src/scenes/things/index.ts';
import { randomScene } from './random-scene.ts';
import { sampleTiles, type Tile, tileSize } from './sample-tiles.ts';
import type { Entity } from './tile-truth.ts';

interface Share {
  out: string;
  thread: number;
  threads: number;
  first: number;
  scenes: number;
  minutes: number;
  heldOut: boolean;
}

/** Rays per pixel. */
const samples = 2;
const heldOutEvery = 20;
const entitiesPerTile = 4;
const files = ['tiles', 'entities', 'split', 'kind', 'side', 'seen'] as const;
const partWords = [...new Set(thingKinds.flatMap(({ parts }) => parts))].sort();
const shardName = (out: string, file: string, thread: number) => `${out}/${file}-${thread}.part`;

if (isMainThread) await main();
else await renderShare(workerData as Share);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      scenes: { type: 'string', default: '3000' },
      first: { type: 'string', default: '0' },
      minutes: { type: 'string', default: '60' },
      threads: { type: 'string', default: String(availableParallelism()) },
      'held-out': { type: 'boolean', default: false },
    },
  });
  if (!values.out) throw new Error('give --out <folder>');
  const out = values.out;
  mkdirSync(out, { recursive: true });
  const threads = Number(values.threads);
  const started = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const share: Share = {
        out,
        thread,
        threads,
        first: Number(values.first),
        scenes: Number(values.scenes),
        minutes: Number(values.minutes),
        heldOut: values['held-out'],
      };
      const worker = new Worker(new URL(import.meta.url), { workerData: share });
      return new Promise<void>((resolve, reject) => {
        worker.on('message', () => {
          if (++done % 100 === 0)
            console.log(
              `${done} of ${values.scenes} scenes, ${((performance.now() - started) / 60000).toFixed(1)} min`,
            );
        });
        worker.on('error', reject);
        worker.on('exit', () => resolve());
      });
    }),
  );
  const count = joinShards(out, threads);
  const nouns = thingKinds.map(({ noun, synonyms, parts, stuff }) => ({
    noun,
    synonyms,
    parts,
    stuff: stuff ?? false,
  }));
  const colours = colourWords.map((word) => ({ word, synonyms: colourSynonyms(word) }));
  const meta = {
    size: tileSize,
    count,
    nouns,
    colours: colourWords,
    colourSynonyms: colours,
    materials: materialWords,
    parts: partWords,
  };
  writeFileSync(`${out}/meta.json`, `${JSON.stringify(meta, undefined, 1)}\n`);
  console.log(`${count} tiles in ${out}`);
}

async function renderShare({ out, thread, threads, first, scenes, minutes, heldOut }: Share): Promise<void> {
  const handles = files.map((file) => openSync(shardName(out, file, thread), 'w'));
  const end = performance.now() + minutes * 60000;
  for (let index = first + thread; index < first + scenes && performance.now() < end; index += threads) {
    const scene = randomScene(index);
    const mesh = new SceneMesh(scene);
    for (const [viewIndex, camera] of scene.cameras.entries()) {
      const view = renderView(mesh, scene, camera, { samples, seed: index * 8 + viewIndex });
      for (const tile of sampleTiles(view, camera, scene, mesh, drawFrom(index, 100 + viewIndex)))
        append(handles, tile, scene, heldOut || index % heldOutEvery === 0);
    }
    parentPort!.postMessage(index);
  }
  handles.forEach(closeSync);
}

function append(
  [tiles, entities, split, kind, side, seen]: number[],
  tile: Tile,
  scene: SceneDescription,
  heldOut: boolean,
): void {
  const rows = new Int16Array(entitiesPerTile * 6).fill(-1);
  for (const [index, entity] of tile.entities.entries()) rows.set(entityRow(entity, scene), index * 6);
  writeSync(tiles, tile.rgb);
  writeSync(entities, new Uint8Array(rows.buffer));
  writeSync(split, Uint8Array.of(heldOut ? 1 : 0));
  writeSync(kind, Uint8Array.of(tile.kind));
  writeSync(side, Uint8Array.of(Math.min(255, tile.side)));
  writeSync(seen, Uint8Array.of(Math.round(255 * tile.seen)));
}

/** [noun, part, first colour, second colour, material, weight · 1000] */
function entityRow({ instance, part, weight }: Entity, { things }: SceneDescription): number[] {
  const { thing } = things[instance - 1];
  const noun = thingKinds.findIndex((kind) => kind.noun === thing.noun);
  const look = part ? partLook(part, things[instance - 1].thing) : { colours: thing.colours, material: thing.material };
  const colour = (index: number) => (look.colours[index] ? colourWords.indexOf(look.colours[index]) : -1);
  const material = look.material ? materialWords.indexOf(look.material) : -1;
  return [noun, part ? partWords.indexOf(part.name!) : -1, colour(0), colour(1), material, Math.round(weight * 1000)];
}

function partLook({ name }: ScenePart, thing: SceneDescription['things'][number]['thing']) {
  const { finish } = thing.parts.find((part) => part.name === name)!;
  return { colours: [finish.paint.word], material: finish.material };
}

/** Puts the threads' files one after the other; returns the number of tiles. */
function joinShards(out: string, threads: number): number {
  for (const file of files) {
    const target = openSync(`${out}/${file}.bin`, 'w');
    for (let thread = 0; thread < threads; thread++) {
      const path = shardName(out, file, thread);
      for (const chunk of chunksOf(path)) writeSync(target, chunk);
      rmSync(path);
    }
    closeSync(target);
  }
  return statSync(`${out}/kind.bin`).size;
}

function* chunksOf(path: string): Generator<Uint8Array> {
  const handle = openSync(path, 'r');
  const buffer = new Uint8Array(2 ** 26);
  for (let read = readSync(handle, buffer); read > 0; read = readSync(handle, buffer)) yield buffer.subarray(0, read);
  closeSync(handle);
}
