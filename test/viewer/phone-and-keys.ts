/** A narrow screen, and no mouse. */
import { expect, it } from 'vitest';
import { phrase, scene, settled, visit } from './viewer-scene.ts';

export function phoneAndKeysTests(): void {
  it('is usable at phone width without scrolling sideways, and by keyboard alone', async () => {
    const { page } = await visit(`${scene.url}#side=192`, { viewport: { width: 360, height: 740 }, hasTouch: true });
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const search = await page.locator('input[type=search]').boundingBox();
    expect(search!.y).toBeLessThan(150);
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
    await page.keyboard.type(phrase);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.phrase-text');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog', { name: 'Keys and gestures' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('button, input, select, textarea, [role=slider]')]
        .filter((element) => {
          const labelled = (element as HTMLInputElement).labels?.length || element.getAttribute('aria-label');
          return !labelled && !element.textContent?.trim();
        })
        .map((element) => element.outerHTML),
    );
    expect(nameless).toEqual([]);
    // The strip of photos is one stop; arrows go along it.
    const named = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
    const photos = await page.locator('.thumb').count();
    await page.locator('.stage').focus();
    for (let tab = 0; tab < 12 && !(await named()).startsWith('Look from photo'); tab++)
      await page.keyboard.press('Tab');
    const first = await named();
    await page.keyboard.press('ArrowRight');
    expect(await named()).not.toBe(first);
    await page.keyboard.press('End');
    expect(await named()).toBe(
      await page
        .locator('.thumb')
        .nth(photos - 1)
        .getAttribute('aria-label'),
    );
    await page.keyboard.press('Enter');
    await page.waitForFunction((last) => location.hash.includes(`photo=${last}`), photos - 1);
    await page.keyboard.press('Tab');
    expect(await named()).not.toContain('photo');
  });
}
