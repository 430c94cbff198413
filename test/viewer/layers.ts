/** Embeddings as colours, the regions of a photo, and the tiles that they replace. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { decodeRegionPng } from '../../src/regions/region-png.ts';
import { planPhoto } from '../../src/viewer/prior-plan.ts';
import { minutes, photosOf, pixels, scene, settled, state, visit, visitPhoto, withinTruth } from './viewer-scene.ts';

export function layerTests(): void {
  it('shows CLIP embeddings at a scale as colours, in which things differ, and which an address brings back', async () => {
    const { page, faults } = await visitPhoto('&field=panoptic&layer=features');
    const others = async (before: { data: number[] }) => {
      await vi.waitFor(async () => expect((await pixels(page)).data).not.toEqual(before.data), {
        timeout: 2 * minutes,
        interval: 500,
      });
      await settled(page);
      return pixels(page);
    };
    const dino = await pixels(page);
    await page.getByRole('radio', { name: 'CLIP', exact: true }).check();
    const clip = await others(dino);
    expect(state(page).get('features')).toBe('clip');
    const mean = (inside: boolean) => {
      const sums = [0, 0, 0, 0];
      for (let pixel = 0; pixel < clip.width * clip.height; pixel++) {
        if (withinTruth(pixel, clip.width, clip.height) !== inside) continue;
        sums[3]++;
        for (let c = 0; c < 3; c++) sums[c] += clip.data[4 * pixel + c];
      }
      return sums.slice(0, 3).map((sum) => sum / sums[3]);
    };
    const [bear, rest] = [mean(true), mean(false)];
    expect(Math.hypot(...bear.map((value, c) => value - rest[c]))).toBeGreaterThan(30);
    await page.getByRole('slider', { name: 'Scale' }).fill('0.8');
    const larger = await others(clip);
    expect(state(page).get('feature-scale')).toBe('0.8');
    const again = await visit(page.url());
    await settled(again.page);
    const steps = (await pixels(again.page)).data.map((value, i) => Math.abs(value - larger.data[i]));
    expect(steps.reduce((sum, step) => sum + step, 0) / steps.length).toBeLessThan(0.5);
    expect([...faults, ...again.faults]).toEqual([]);
  });

  it('shows the regions of a photo, and which tiles of which level they replace', async () => {
    const photos = photosOf(scene.run);
    const trained = photos.findIndex(({ split }: { split: string }) => split === 'train');
    const { page, faults } = await visit(`${scene.url}#side=192&photo=${trained}&field=panoptic&layer=tiles&level=1`);
    await page.waitForSelector('canvas[data-prior="tiles 1"]', { timeout: minutes });
    const png = readFileSync(join(scene.run, 'regions', 'panoptic', `${trained}.png`));
    const maps = decodeRegionPng(new Uint8Array(png), photos[trained].camera)!;
    const settings = { window: 'two-sided', cells: 'all', minRegionSide: 8 } as const;
    const plan = await planPhoto(maps, 'panoptic', settings, 'the photo');
    const summary = (level: number) => {
      const { rows, cols } = plan.geometry.levels[level];
      return new RegExp(`^${plan.plan.replaced[level]} of ${rows * cols} tiles`);
    };
    expect(plan.plan.replaced[1]).toBeGreaterThan(0);
    await page.getByText(summary(1)).waitFor();
    await page.getByRole('slider', { name: 'Level' }).fill('3');
    await page.waitForSelector('canvas[data-prior="tiles 2"]');
    await page.getByText(summary(2)).waitFor();
    expect(state(page).get('level')).toBeNull();
    // The pointer names what the plan says.
    await settled(page);
    const level = plan.geometry.levels[2];
    const cell = plan.plan.cells[2].findIndex((chosen) => chosen !== 0);
    const [row, col] = [Math.floor(cell / level.cols), cell % level.cols];
    const picture = (await page.locator('.picture').boundingBox())!;
    const [x, y] = [col, row].map((index) => Math.max(1, level.firstCentre + 0.5 + index * level.stride));
    await page.mouse.move(
      picture.x + (x / plan.geometry.width) * picture.width,
      picture.y + (y / plan.geometry.height) * picture.height,
    );
    const named = `tile ${row + 1}, ${col + 1} of level 3: region ${plan.plan.cells[2][cell]}, `;
    await page.waitForFunction((text) => document.querySelector('.pill')?.textContent?.startsWith(text), named);
    await page.getByRole('radio', { name: 'Photo’s regions', exact: true }).check();
    await page.waitForSelector('canvas[data-prior=regions]');
    await page.mouse.move(picture.x + picture.width / 2, picture.y + picture.height / 2);
    await page.waitForFunction(() =>
      /^region \d+, .* of the photo/.test(document.querySelector('.pill')?.textContent ?? ''),
    );
    await page.goto(`${scene.url}#side=192&photo=${scene.photo}&field=panoptic&layer=tiles`);
    await page.getByText('This photo was held out').waitFor();
    await page.goto(`${scene.url}#side=192&photo=${trained}&field=none&layer=tiles`);
    await page.getByText('was trained without regions').waitFor();
    expect(faults).toEqual([]);
  });
}
