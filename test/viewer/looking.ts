/** What the page shows, how it moves, and what it says of a scene that changes or cannot be fetched. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { openRun, saveScene } from '../../src/field/run-folder.ts';
import {
  ask,
  files,
  frameOf,
  images,
  laterFrame,
  minutes,
  newContext,
  phrase,
  pixels,
  scene,
  settled,
  state,
  visit,
  visitPhoto,
} from './viewer-scene.ts';

export function lookingTests(): void {
  it('shows the scene as it was photographed, from its own origin, with threads, in under 300 KB', async () => {
    const { page, faults, foreign, fetched } = await visitPhoto();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    const shown = await pixels(page);
    expect([shown.width, shown.height]).toEqual([192, 144]);
    const rendered = await images.resize({ ...shown, channels: 4, data: Uint8Array.from(shown.data) }, 120, 90);
    const path = join(scene.capture, 'images', 'novel-01.png');
    const photographed = await images.decode(readFileSync(path), path);
    let squares = 0;
    for (let i = 0; i < 120 * 90; i++)
      for (let c = 0; c < 3; c++) squares += (rendered.data[4 * i + c] - photographed.data[3 * i + c]) ** 2;
    expect(10 * Math.log10(255 ** 2 / (squares / (3 * 120 * 90)))).toBeGreaterThan(17);
    expect(faults).toEqual([]);
    expect(foreign).toEqual([]);
    const initial = [...new Set(fetched)].filter((address) => !address.includes('/scene/'));
    expect(initial.length).toBeGreaterThan(5);
    let bytes = 0;
    for (const address of initial) bytes += gzipSync(Buffer.from(await (await fetch(address)).arrayBuffer())).length;
    expect(bytes).toBeLessThan(300_000);
  });

  it('moves with keys and mouse, and a shared address brings everything back', async () => {
    const { page } = await visitPhoto();
    await ask(page, phrase);
    /** The camera rests elsewhere. */
    const moved = async (move: () => Promise<void>) => {
      const before = state(page).get('pose');
      await move();
      await page.waitForFunction((old) => new URLSearchParams(location.hash.slice(1)).get('pose') !== old, before);
    };
    await page.locator('.stage').focus();
    await moved(() => page.keyboard.press('ArrowRight'));
    expect(state(page).get('photo')).toBeNull();
    await page.mouse.move(400, 400);
    await page.mouse.down();
    await moved(() => page.mouse.move(460, 380, { steps: 4 }));
    await page.mouse.up();
    await moved(() => page.mouse.wheel(0, -200));
    await page.getByRole('radio', { name: 'Relevancy', exact: true }).check();
    await page.getByRole('radio', { name: 'Normalised', exact: true }).check();
    await settled(page);
    const shown = await pixels(page);
    const again = await visit(page.url());
    await settled(again.page);
    expect(await again.page.locator('.phrase-text').allTextContents()).toEqual([phrase]);
    expect(state(again.page).toString()).toBe(state(page).toString());
    const same = await pixels(again.page);
    // To the last pixel: the camera rests where its address says.
    expect(same.data.filter((value, i) => value !== shown.data[i])).toEqual([]);
  });

  it('compares two fields, and the rendering with the photo, by a divider', async () => {
    const { page } = await visitPhoto(`&q=${encodeURIComponent(phrase)}&compare=field`);
    await page.waitForSelector('.divider');
    expect(await page.locator('.side').allTextContents()).toEqual(['panoptic', 'none (LERF)']);
    const [left, right] = [await pixels(page, 0), await pixels(page, 1)];
    expect(left.data).not.toEqual(right.data);
    const divider = page.getByRole('slider', { name: /Divider/ });
    await divider.focus();
    await page.keyboard.press('End');
    expect(await divider.getAttribute('aria-valuenow')).toBe('100');
    expect(state(page).get('divider')).toBe('1');
    await page.getByRole('radio', { name: 'With the photo', exact: true }).check();
    await page.waitForSelector('.picture img');
    expect(await page.locator('.side').allTextContents()).toEqual(['rendered', 'photo']);
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>('.picture img')?.naturalWidth === 120);
  });

  it('follows a run that is trained further', async () => {
    const { page, faults } = await visitPhoto();
    const [before, frame] = [await pixels(page), await frameOf(page)];
    const { config, parameters } = await openRun(scene.run, files);
    const name = 'radiance.colour.0.weight';
    const changed = new Map(parameters).set(
      name,
      parameters.get(name)!.map((value) => value * 0.25),
    );
    await saveScene(scene.run, files, config.scene, changed);
    await laterFrame(page, frame);
    expect(await pixels(page)).not.toEqual(before);
    await saveScene(scene.run, files, config.scene, parameters);
    expect(faults).toEqual([]);
  });

  it('says what is wrong when the scene cannot be fetched, and tries again', async () => {
    const context = await newContext();
    const page = await context.newPage();
    let broken = true;
    await context.route('**/scene/scene.safetensors', (route) => (broken ? route.abort() : route.continue()));
    await page.goto(`${scene.url}#side=192`);
    await page.waitForSelector('[role=alert]');
    expect(await page.locator('[role=alert]').textContent()).toMatch(/scene\.safetensors.*could not be fetched/);
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.waitForSelector('canvas[data-frame]', { timeout: minutes });
    expect(await page.locator('[role=alert]').count()).toBe(0);
  });
}
