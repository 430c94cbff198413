/** Pyramids of one photo with embeddings written by hand, so that every expectation is a sum one can do on paper. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { floatsToHalves } from '../src/formats/half.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import type { RegionMap } from '../src/regions/region-map.ts';
import type { Pyramid } from '../src/pyramid/build-pyramid.ts';
import { EmbeddingStore } from '../src/pyramid/embedding-store.ts';
import { openSupervision } from '../src/pyramid/open-supervision.ts';
import { planRegions } from '../src/pyramid/plan-regions.ts';
import type { Prior } from '../src/pyramid/prior.ts';
import { resolvePyramidSettings } from '../src/pyramid/pyramid-options.ts';
import { pyramidGeometry } from '../src/pyramid/tile-geometry.ts';

const root = mkdtempSync(join(tmpdir(), 'langfield-options-'));
afterAll(() => rmSync(root, { recursive: true }));

export const [width, height] = [120, 100];
export const geometry = pyramidGeometry(width, height);
const settings = resolvePyramidSettings();
export type Box = [top: number, left: number, bottom: number, right: number];
export type Vector = [number, number, number];

export function mapOf(...boxes: Box[]): RegionMap {
  const ids = new Int32Array(width * height);
  boxes.forEach(([top, left, bottom, right], k) => {
    for (let row = top; row <= bottom; row++) ids.fill(k + 1, row * width + left, row * width + right + 1);
  });
  return { width, height, ids };
}

export interface Case {
  main: RegionMap;
  nested?: RegionMap[];
  /** Embedding of grid column `col` of a level. */
  tile?(level: number, col: number): Vector;
  /** Embedding of a region tile of this side. */
  region?(side: number): Vector;
  canonical?: Vector;
}

let cases = 0;
/** A pyramid of one photo; tiles are (1, 0, 0), regions (0, 1, 0) and canonical phrases (0, 0, 1) unless given. */
export async function pyramidOf(priors: readonly Prior[], given: Case): Promise<Pyramid> {
  const { tile = () => [1, 0, 0], region = () => [0, 1, 0], canonical = [0, 0, 1], main, nested = [main] } = given;
  const { files } = nodePlatform();
  const encoder = { name: 'by hand', dim: 3, identity: 'by hand' };
  const store = await EmbeddingStore.open(files, join(root, String(cases++)), encoder);
  for (const level of geometry.levels) {
    const vectors = Array.from({ length: level.rows * level.cols }, (_, i) => tile(level.level, i % level.cols));
    await store.writeLevel('photo', level, Float32Array.from(vectors.flat()));
  }
  const photo = { name: 'a.png', hash: 'photo', geometry };
  const maps = { main: async () => main, nested: async () => nested };
  const plan = () => planRegions(photo, maps, store, priors, settings);
  const { missing } = await plan();
  const halves = floatsToHalves(Float32Array.from(missing.flatMap(({ square }) => region(square.side))));
  await store.writeRegions('photo', { squares: missing.map(({ key }) => key), halves });
  const { regions, missing: left } = await plan();
  expect(left).toEqual([]);
  const photos = [{ ...photo, regions }];
  const encoded = { tiles: 0, regions: 0 };
  const encoding = { photos: 0, seconds: 0 };
  return { store, settings, priors, photos, encoded, encoding, canonical: Float32Array.from(canonical) };
}

export async function lookerFor(prior: Prior, given: Case) {
  const supervision = openSupervision(await pyramidOf([prior], given), prior);
  return (row: number, col: number, level: number, toNext = 0): number[] => {
    const out = new Float32Array(3);
    expect(supervision.lookupClip(0, row, col, Math.min(level, 5), level === 6 ? 1 : toNext, out, 0)).toBe(true);
    return Array.from(out);
  };
}

/** s = 0.3: levels 2 and 3. */
export const square: Box = [30, 40, 59, 69];
export const [tileVector, regionVector] = [
  [1, 0, 0],
  [0, 1, 0],
];
