/** What is asked lights up where it truly is; what is not there or not known is said plainly. */
import { expect, it } from 'vitest';
import { decodeNpy } from '../../src/formats/npy.ts';
import { ask, phrase, pixels, saved, visitPhoto, withinTruth } from './viewer-scene.ts';

export function askingTests(): void {
  it('lights up what was asked for, where it truly is', async () => {
    const { page, faults, foreign } = await visitPhoto();
    const plain = await pixels(page);
    await ask(page, phrase);
    expect(await page.locator('.outcome').textContent()).toMatch(/^0\.\d\d$/);
    const npy = await saved(page, 'Relevancy NPY');
    expect(npy.name).toMatch(/teddy-bear_relevancy\.npy$/);
    const { data, shape } = decodeNpy(new Uint8Array(npy.bytes), npy.name);
    const [height, width] = shape;
    expect([height, width]).toEqual([144, 192]);
    const within = (pixel: number) => withinTruth(pixel, width, height);
    const mean = (inside: boolean) => {
      const values = Array.from(data, Number).filter((_, i) => within(i) === inside);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    expect(mean(true)).toBeGreaterThan(mean(false) + 0.1);
    const peak = Array.from(data, Number).reduce((best, value, i, all) => (value > all[best] ? i : best), 0);
    expect(within(peak)).toBe(true);
    // The phrase's colour is an orange: red rises and blue falls at the peak.
    const lit = await pixels(page);
    const orange = (picture: { data: number[] }) => picture.data[4 * peak] - picture.data[4 * peak + 2];
    expect(orange(lit)).toBeGreaterThan(orange(plain) + 40);
    // One marker per place, and the list beside it says the same.
    const places = await page.locator('.place').count();
    expect(places).toBeGreaterThan(0);
    expect(await page.locator('.places li').count()).toBe(places);
    expect(faults).toEqual([]);
    expect(foreign).toEqual([]);
  });

  it('says plainly what is not there and what it does not know', async () => {
    const { page } = await visitPhoto();
    await ask(page, 'seaweed');
    expect(await page.locator('.outcome').textContent()).toBe('not found');
    expect(await page.locator('.warning').first().textContent()).toMatch(/Not found in this view.*“object”/);
    expect(await page.locator('.place').count()).toBe(0);
    await page.getByRole('button', { name: 'Remove seaweed' }).click();
    await ask(page, 'zebra mugg');
    const warning = page.locator('.phrase-details .warning').first();
    expect(await warning.textContent()).toContain('does not know "zebra", "mugg"');
    await warning.getByRole('button', { name: 'mug', exact: true }).click();
    await page.waitForFunction(() => document.querySelector('.phrase-text')?.textContent === 'mug');
  });
}
