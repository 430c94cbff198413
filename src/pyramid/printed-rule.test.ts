/**
 * The targets of the printed rule and its ablations, to the bit: hashes recorded before priors had options. They change
 * when the arithmetic of look-ups, the plan or the stored halves change; nothing else may change them.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { StandInEncoder, type StandInPhoto, standInSources } from '../../test/stand-in-pyramid.ts';
import { randomUniform } from '../math/random.ts';
import { prepareSupervision } from './prepare-supervision.ts';
import { resolvePyramidSettings } from './pyramid-options.ts';

const root = mkdtempSync(join(tmpdir(), 'langfield-printed-'));
afterAll(() => rmSync(root, { recursive: true }));

function photoOf(name: string, seed: number, width: number, height: number): StandInPhoto {
  const rgb = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => 255 * randomUniform(seed, 1, i) ** (1 + (i % 3)),
  );
  const ids = new Int32Array(width * height);
  for (let row = 10; row < 30; row++) ids.fill(70000, row * width + 12, row * width + 40);
  for (let row = 40; row < height; row++) ids.fill(2, row * width, (row + 1) * width);
  return { name, width, height, rgb, regions: { width, height, ids } };
}

const photos = [photoOf('a.png', 1, 80, 60), photoOf('b.png', 2, 50, 90)];
const alternatives = { window: 'partition', cells: 'one-cell', context: 'image' };

it.each([
  ['panoptic', {}, '3533313d8acafa45'],
  ['none', {}, 'f9a91b4cdc6a1b96'],
  ['single-scale', {}, '2f1c4d80db25c0d9'],
  ['full', {}, '66c8f6dcd76d52aa'],
  ['panoptic', alternatives, '8b7f04d81c9c5fc8'],
  ['none', alternatives, 'f9a91b4cdc6a1b96'],
  ['single-scale', alternatives, '070dd9f30a2f1fdf'],
  ['full', alternatives, 'fd1213a4ceb84367'],
] as const)('%s with %j', async (prior, changes, recorded) => {
  const sources = standInSources(root, photos, new StandInEncoder());
  // Together with the others, because priors share what is read and encoded.
  const others = ['panoptic+pixels+nested', 'panoptic+confident+area', 'panoptic+context'] as const;
  const { supervisions } = await prepareSupervision(sources, [...others, prior], resolvePyramidSettings(changes));
  const out = new Float32Array(5 * 600);
  const valid = new Uint8Array(600);
  for (let i = 0; i < 600; i++) {
    const photo = i % 2;
    const { width, height } = supervisions.get(prior)!.photoSize(photo);
    const row = Math.floor(height * randomUniform(3, 1, i));
    const col = Math.floor(width * randomUniform(3, 2, i));
    const omega = randomUniform(3, 3, i);
    for (const other of others) supervisions.get(other)!.lookupClip(photo, row, col, i % 6, omega, out, 5 * i);
    out.fill(0, 5 * i, 5 * i + 5);
    valid[i] = Number(supervisions.get(prior)!.lookupClip(photo, row, col, i % 6, omega, out, 5 * i));
  }
  const hash = createHash('sha256').update(new Uint8Array(out.buffer)).update(valid).digest('hex');
  expect(hash.slice(0, 16)).toBe(recorded);
});
