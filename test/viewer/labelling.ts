/** Drawing round a thing scores as the command line does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { labelMask } from '../../src/evaluate/labels/labels.ts';
import { readLabels } from '../../src/evaluate/labels/read-labels.ts';
import {
  ask,
  files,
  frameOf,
  images,
  laterFrame,
  must,
  phrase,
  saved,
  scene,
  state,
  visitPhoto,
} from './viewer-scene.ts';

export function labellingTests(): void {
  it('scores what is drawn round a thing as "langfield eval" does, and saves it for that', async () => {
    const { page, faults } = await visitPhoto('&field=panoptic');
    await page.getByText('Label', { exact: true }).click();
    expect(await page.locator('.label-part .hint').textContent()).toMatch(/^Ask for something/);
    await ask(page, phrase);
    const [place, picture] = await Promise.all(
      [page.locator('.place').first(), page.locator('.picture')].map(async (each) => (await each.boundingBox())!),
    );
    const reach = 0.12 * picture.height;
    // The highest pixel of so short a training may lie where the square round it would leave the picture.
    const inside = (centre: number, from: number, length: number) =>
      Math.min(from + length - reach - 8, Math.max(from + reach + 8, centre));
    const x = inside(place.x + place.width / 2, picture.x, picture.width);
    const y = inside(place.y + place.height / 2, picture.y, picture.height);
    const pose = state(page).get('pose');
    const draw = page.getByRole('button', { name: `Draw around “${phrase}”` });
    await draw.click();
    // A corner too many is taken back; the first one, pressed again, closes.
    for (const [right, down] of [
      [-1, -1],
      [1, -1],
      [1, 1],
      [0.3, 0.3],
    ])
      await page.mouse.click(x + right * reach, y + down * reach);
    await page.keyboard.press('Backspace');
    await page.mouse.click(x - reach, y + reach);
    await page.mouse.click(x - reach + 3, y - reach + 2);
    const listed = page.locator('.polygons li');
    await expect.poll(() => listed.allTextContents()).toEqual(['Polygon 1 4 corners×']);
    // Another one by keys alone, and one that is given up.
    await draw.focus();
    await page.keyboard.press('Enter');
    await page.locator('.drawing:focus').waitFor();
    for (const key of ['Shift+ArrowUp', ' ', 'Shift+ArrowLeft', ' ', 'Enter', 'Shift+ArrowDown', ' ', 'Enter'])
      await page.keyboard.press(key);
    await expect.poll(() => listed.count()).toBe(2);
    await draw.click();
    await page.locator('.drawing:focus').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.drawing').count()).toBe(0);
    expect(state(page).get('pose')).toBe(pose);

    const json = await saved(page, 'Labels JSON');
    expect(json.name).toBe('novel-01.json');
    const labels = join(scene.folder, 'labels');
    await files.writeAtomic(join(labels, json.name), json.bytes);
    const size = ['--size', '192x144'];
    await must('eval', scene.run, '--labels', labels, '--field', 'panoptic', '--no-photos', ...size);
    const { pairs } = JSON.parse(readFileSync(join(scene.run, 'eval.json'), 'utf8'));
    const score = pairs.find(({ field }: { field: string }) => field === 'panoptic');
    // A query at this size may have chosen another scale than the page; at the same one all numbers are the same.
    const hash = new URLSearchParams(new URL(page.url()).hash.slice(1));
    hash.set('q', `${phrase}~0~1~1~${score.scale.toFixed(4)}`);
    const before = await frameOf(page);
    await page.evaluate((text) => {
      location.hash = text;
    }, hash.toString());
    await laterFrame(page, before);
    expect(await page.locator('.label-part').textContent()).toContain(`scale ${score.scale.toFixed(2)}.`);
    const [d, ratio, recall] = await page.locator('.scores tbody td').allTextContents();
    expect(Number(d)).toBeCloseTo(score.dRelevancy, 3);
    expect(Number(ratio)).toBeCloseTo(score.ratioAcc, 2);
    expect(recall).toBe(score.recall === 1 ? 'yes' : 'no');

    const zip = await saved(page, 'Masks ZIP');
    const masks = unzipSync(new Uint8Array(zip.bytes));
    expect(Object.keys(masks)).toEqual([`novel-01/${phrase}.png`]);
    const tree = join(scene.folder, 'masks');
    for (const [name, bytes] of Object.entries(masks)) await files.writeAtomic(join(tree, name), bytes);
    const [[polygons], [mask]] = await Promise.all(
      [labels, tree].map(async (each) => (await readLabels(files, images, each)).views),
    );
    expect([mask.width, mask.height]).toEqual([120, 90]);
    expect(labelMask(mask, phrase, 120, 90)).toEqual(labelMask(polygons, phrase, 120, 90));
    expect(faults).toEqual([]);
  });
}
