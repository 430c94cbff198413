/**
 * The viewer in a real browser, on a scene that is trained here for a minute: what is asked lights up where it truly is
 * (by the scene's exact instance masks), a shared address brings everything back, the static export answers without
 * any server of ours, and nothing is ever fetched from elsewhere. The cases are in viewer/, room by room.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chromiumPath } from './browser.ts';
import { serveFolder } from './static-server.ts';
import { askingTests } from './viewer/asking.ts';
import { labellingTests } from './viewer/labelling.ts';
import { layerTests } from './viewer/layers.ts';
import { lookingTests } from './viewer/looking.ts';
import { phoneAndKeysTests } from './viewer/phone-and-keys.ts';
import { takingAwayTests } from './viewer/taking-away.ts';
import { ask, beginScene, closeVisits, minutes, must, phrase, scene, settled, visit } from './viewer/viewer-scene.ts';

// Pictures of phrases take their time where other work shares the cores.
vi.setConfig({ testTimeout: 10 * minutes });

beforeAll(async () => {
  if (chromiumPath !== undefined) await beginScene();
}, 30 * minutes);
afterEach(closeVisits);
afterAll(() => scene?.close());

describe.skipIf(chromiumPath === undefined)('the viewer', () => {
  lookingTests();
  askingTests();
  takingAwayTests();
  labellingTests();
  layerTests();
  phoneAndKeysTests();
});

describe.skipIf(chromiumPath === undefined)('the static export', () => {
  let host: Awaited<ReturnType<typeof serveFolder>>;
  beforeAll(async () => {
    if (chromiumPath === undefined) return;
    const web = join(scene.folder, 'web');
    expect(await must('export', scene.run, '--web', join(web, 'scenes', 'tea'))).toMatch(/files, .* MiB/);
    host = await serveFolder(web);
  });
  afterAll(() => host?.close());

  it.each([
    ['with threads, by its service worker', 'allow', /2 threads|\d+ threads|1 thread/, true],
    ['on one thread where service workers are blocked', 'block', /1 thread/, false],
  ] as const)('answers a new phrase from a plain file server, %s', async (_, serviceWorkers, threads, isolated) => {
    const { page, faults, foreign } = await visit(`${host.url}scenes/tea/#side=192&photo=${scene.photo}`, {
      serviceWorkers,
    });
    await settled(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
    expect(await page.locator('.read-out').textContent()).toMatch(threads);
    await ask(page, phrase);
    expect(await page.locator('.outcome').textContent()).toMatch(/^0\.\d\d$/);
    expect(faults).toEqual([]);
    expect(foreign).toEqual([]);
  });
});
