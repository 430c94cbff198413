/**
 * `npm run bench -- regions`: how well the built-in segmenter's regions fit things. For every thing with at least
 * `--least-area` of the picture: its intersection over union with the best region (of the objects; of parts and wholes too),
 * and with the union of all objects' regions that lie mostly inside it, which says whether its outline was found at all.
 * On photos of the built-in scenes against the exact instances, and on labelled photographs where ../shared has them.
 */
import type { Command } from 'commander';
import { wholeNumber } from '../src/cli/numbers.ts';
import { labelMask } from '../src/evaluate/labels/labels.ts';
import { readLerfOvsLabels } from '../src/evaluate/labels/lerf-ovs.ts';
import { textTable } from '../src/formats/text-table.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { createBuiltinSegmenter } from '../src/regions/builtin-segmenter.ts';
import type { RegionMap } from '../src/regions/region-map.ts';
import type { SegmenterPhoto } from '../src/regions/segmenter.ts';
import { composeScene, compositions } from '../src/scenes/compositions/index.ts';
import { orbitViews } from '../src/scenes/orbit-cameras.ts';
import { renderView } from '../src/scenes/render-view.ts';
import { SceneMesh } from '../src/scenes/scene-mesh.ts';
import { sharedFolder } from '../test/shared.ts';
import type { Bench, BenchOptions } from './bench.ts';

interface RegionsOptions extends BenchOptions {
  seed: number;
  photos: number;
  leastArea: number;
}

interface LabelledPhoto {
  group: string;
  photo: SegmenterPhoto;
  /** One a thing, [height, width] 0/1. */
  masks: Uint8Array[];
}

/** As in `bench -- prior`. */
const size = { width: 240, height: 180, views: 24, novelViews: 0 };
const samples = 4;
const { files, images, now } = nodePlatform();

export function addOptions(command: Command): void {
  command
    .option('--seed <n>', 'of the built-in scenes', wholeNumber(0, 1_000_000), 101)
    .option('--photos <n>', 'photos of each built-in scene', wholeNumber(1, size.views), 6)
    .option('--least-area <share>', 'of the picture that a thing covers', Number, 0.002);
}

export const run: Bench<RegionsOptions> = async ({ seed, photos, leastArea }) => {
  const segmenter = await createBuiltinSegmenter(images);
  const groups = new Map<string, number[][]>();
  for await (const { group, photo, masks } of labelledPhotos(seed, photos)) {
    const start = now();
    const maps = await segmenter.segmentNested!('photo', photo);
    const seconds = (now() - start) / 1000;
    const objects = maps[1];
    const scores = masks
      .filter((mask) => sum(mask) >= leastArea * mask.length)
      .map((mask) => {
        const [best, union] = overlaps(objects, mask);
        return [best, Math.max(...maps.map((map) => overlaps(map, mask)[0])), union];
      });
    const row = [scores.length, ...meansOf(scores), new Set(objects.ids).size, seconds];
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  const columns = ['photos of', 'things', 'best region', 'best of all maps', 'union inside', 'regions', 'seconds'];
  const rows = [...groups].map(([group, photoRows]) => [group, ...groupRow(photoRows)] as const);
  const decimals = [0, 0, 3, 3, 3, 1, 2];
  for (const line of textTable(
    columns.map((title, i) => ({ title, decimals: decimals[i] })),
    rows,
  ))
    console.log(line);
  return { groups: Object.fromEntries(rows.map(([group, ...values]) => [group, values])) };
};

/** Means over all things, and over all photos for the last two. */
function groupRow(rows: readonly number[][]): number[] {
  const things = rows.reduce((total, row) => total + row[0], 0);
  const mean = (column: number, weight: (row: number[]) => number) =>
    rows.reduce((total, row) => total + (weight(row) > 0 ? weight(row) * row[column] : 0), 0) /
    rows.reduce((total, row) => total + weight(row), 0);
  return [
    things,
    ...[1, 2, 3].map((column) => mean(column, (row) => row[0])),
    ...[4, 5].map((column) => mean(column, () => 1)),
  ];
}

function meansOf(rows: readonly number[][]): number[] {
  return [0, 1, 2].map((column) => sum(rows.map((row) => row[column])) / rows.length);
}

async function* labelledPhotos(seed: number, photos: number): AsyncGenerator<LabelledPhoto> {
  for (const { name } of compositions) {
    const scene = composeScene(name, seed);
    const mesh = new SceneMesh(scene);
    const views = orbitViews(scene.orbit, size, seed);
    for (let index = 0; index < photos; index++) {
      const number = Math.floor((index * views.length) / photos);
      const view = renderView(mesh, scene, views[number].camera, { samples, seed: seed * 1009 + number });
      const masks = scene.things.flatMap(({ thing }, i) =>
        thing.stuff ? [] : [Uint8Array.from(view.instances, (id) => (id === i + 1 ? 1 : 0))],
      );
      yield { group: name, photo: view, masks };
    }
  }
  const capture = `${sharedFolder}/captures/fox`;
  if (!(await files.stat(`${capture}/labels`))) return;
  for (const label of await readLerfOvsLabels(files, `${capture}/labels`)) {
    const path = `${capture}/images/${label.image}`;
    const { width, height, data } = await images.decode(await files.readBytes(path), path);
    const masks = [...label.categories.keys()].map((category) => labelMask(label, category, width, height));
    yield { group: 'fox (photographs)', photo: { width, height, rgb: data as Uint8Array }, masks };
  }
}

/** Intersection over union of the mask with its best region, and with all regions of which more than half is inside. */
function overlaps({ ids }: RegionMap, mask: Uint8Array): [best: number, union: number] {
  const area = new Map<number, number>();
  const inside = new Map<number, number>();
  for (const [i, id] of ids.entries()) {
    area.set(id, (area.get(id) ?? 0) + 1);
    if (mask[i]) inside.set(id, (inside.get(id) ?? 0) + 1);
  }
  const total = sum(mask);
  let best = 0;
  let [unionArea, unionInside] = [0, 0];
  for (const [id, common] of inside) {
    best = Math.max(best, common / (total + area.get(id)! - common));
    if (2 * common <= area.get(id)!) continue;
    unionArea += area.get(id)!;
    unionInside += common;
  }
  return [best, unionInside / (total + unionArea - unionInside)];
}

const sum = (values: ArrayLike<number>) =>
  Array.prototype.reduce.call(values, (total, value) => (total as number) + (value as number), 0) as number;
