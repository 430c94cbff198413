/**
 * The viewer in a real browser, on a scene that is trained here for a minute: what is asked lights up where it truly is
 * (by the scene's exact instance masks), a shared address brings everything back, the static export answers without
 * any server of ours, and nothing is ever fetched from elsewhere.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import type { Browser, BrowserContext, Download, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeNpy } from '../src/formats/npy.ts';
import { labelMask } from '../src/evaluate/labels/labels.ts';
import { readLabels } from '../src/evaluate/labels/read-labels.ts';
import { openRun, saveScene } from '../src/field/run-folder.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { decodeRegionPng } from '../src/regions/region-png.ts';
import { planPhoto } from '../src/viewer/prior-plan.ts';
import { parseCameraFile } from '../src/query/camera-file.ts';
import { chromiumPath, launchBrowser } from './browser.ts';
import { langfield, type LangfieldProcess, startLangfield } from './langfield-process.ts';
import { serveFolder } from './static-server.ts';

const minutes = 60_000;
// Pictures of phrases take their time where other work shares the cores.
vi.setConfig({ testTimeout: 10 * minutes });
const { files, images } = nodePlatform();
const folder = mkdtempSync(join(tmpdir(), 'langfield-view-'));
const [capture, run, web] = ['capture', 'run', 'web'].map((name) => join(folder, name));
const phrase = 'teddy bear';
let browser: Browser;
let server: LangfieldProcess;
let url = '';
/** Index of the held-out photo whose truth is looked at, and its truth. */
let photo = 0;
let truth: { width: number; height: number; inside: boolean[] };
const open: BrowserContext[] = [];

async function must(...args: string[]): Promise<string> {
  const { code, out, err } = await langfield(...args);
  if (code !== 0) throw new Error(`langfield ${args.join(' ')}: ${err}`);
  return out;
}

async function readTruth(view: string) {
  const path = join(capture, 'instances', `${view}.png`);
  const { width, height, data } = await images.decode(readFileSync(path), path);
  const { instances } = JSON.parse(readFileSync(join(capture, 'scene.json'), 'utf8'));
  const ids = new Set(
    instances.filter(({ noun }: { noun: string }) => noun === phrase).map(({ id }: { id: number }) => id),
  );
  return { width, height, inside: Array.from(data, (id) => ids.has(id)) };
}

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  await must('scene', 'tea-time', '--views', '12', '--novel-views', '2', '--size', '120x90', '--out', capture);
  const lengths = ['--steps', '400', '--language-steps', '250', '--prior', 'panoptic,none'];
  await must('train', capture, '--encoder', 'builtin', ...lengths, '--out', run, '--cache', join(folder, 'cache'));
  const { photos } = JSON.parse(readFileSync(join(run, 'cameras.json'), 'utf8'));
  photo = photos.findIndex(({ name }: { name: string }) => name.includes('novel-01'));
  truth = await readTruth('novel-01');
  server = startLangfield('view', run, '--port', '0');
  url = await new Promise<string>((resolve, reject) => {
    server.child.stdout!.on('data', (text: string) => {
      const found = /http:\S+/.exec(text);
      if (found) resolve(found[0]);
    });
    server.finished.then(({ err }) => reject(new Error(err)));
  });
  browser = await launchBrowser();
}, 30 * minutes);

afterEach(async () => {
  for (const context of open.splice(0)) await context.close();
});
afterAll(async () => {
  await browser?.close();
  server?.child.kill('SIGTERM');
  await server?.finished;
  rmSync(folder, { recursive: true });
});

interface Visit {
  page: Page;
  /** What went wrong in the page, and addresses of other origins that it asked for. */
  faults: string[];
  foreign: string[];
  fetched: string[];
}

async function visit(address: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 720 }, ...options });
  open.push(context);
  const [faults, foreign, fetched]: string[][] = [[], [], []];
  const { origin } = new URL(address);
  context.on('request', (request) => {
    const from = new URL(request.url());
    (from.origin === origin || from.protocol === 'blob:' ? fetched : foreign).push(from.href);
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(address);
  return { page, faults, foreign, fetched };
}

/** The picture is what was asked for last, as sharp as it gets. */
async function settled(page: Page): Promise<void> {
  await page.waitForSelector('.picture[aria-busy=false]', { timeout: 2 * minutes });
  await page.waitForSelector('.busy', { state: 'detached', timeout: 2 * minutes });
}

async function ask(page: Page, text: string): Promise<void> {
  await page.fill('input[type=search]', text);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.outcome:not(.quiet)', { timeout: 2 * minutes });
  await settled(page);
}

/** RGBA of a canvas of the picture. */
async function pixels(page: Page, index = 0): Promise<{ width: number; height: number; data: number[] }> {
  return page
    .locator('canvas')
    .nth(index)
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { width, height, data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return { width, height, data: Array.from(data) };
    });
}

async function saved(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const [download]: [Download, unknown] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

const state = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1));

describe.skipIf(chromiumPath === undefined)('the viewer', () => {
  it('shows the scene as it was photographed, from its own origin, with threads, in under 300 KB', async () => {
    const { page, faults, foreign, fetched } = await visit(`${url}#side=192&photo=${photo}`);
    await settled(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    const shown = await pixels(page);
    expect([shown.width, shown.height]).toEqual([192, 144]);
    const rendered = await images.resize({ ...shown, channels: 4, data: Uint8Array.from(shown.data) }, 120, 90);
    const path = join(capture, 'images', 'novel-01.png');
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

  it('lights up what was asked for, where it truly is', async () => {
    const { page, faults, foreign } = await visit(`${url}#side=192&photo=${photo}`);
    await settled(page);
    const plain = await pixels(page);
    await ask(page, phrase);
    expect(await page.locator('.outcome').textContent()).toMatch(/^0\.\d\d$/);
    const npy = await saved(page, 'Relevancy NPY');
    expect(npy.name).toMatch(/teddy-bear_relevancy\.npy$/);
    const { data, shape } = decodeNpy(new Uint8Array(npy.bytes), npy.name);
    const [height, width] = shape;
    expect([height, width]).toEqual([144, 192]);
    /** Whether the pixel of the picture shows the thing in the smaller photo. */
    const within = (pixel: number) => {
      const [row, col] = [Math.floor(pixel / width), pixel % width];
      const at = (position: number, from: number, to: number) => Math.floor(((position + 0.5) * to) / from);
      return truth.inside[at(row, height, truth.height) * truth.width + at(col, width, truth.width)];
    };
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
    const { page } = await visit(`${url}#side=192&photo=${photo}`);
    await settled(page);
    await ask(page, 'toy robot');
    expect(await page.locator('.outcome').textContent()).toBe('not found');
    expect(await page.locator('.warning').first().textContent()).toMatch(/Not found in this view.*“object”/);
    expect(await page.locator('.place').count()).toBe(0);
    await page.getByRole('button', { name: 'Remove toy robot' }).click();
    await ask(page, 'zebra mugg');
    const warning = page.locator('.phrase-details .warning').first();
    expect(await warning.textContent()).toContain('does not know "zebra", "mugg"');
    await warning.getByRole('button', { name: 'mug', exact: true }).click();
    await page.waitForFunction(() => document.querySelector('.phrase-text')?.textContent === 'mug');
  });

  it('moves with keys and mouse, and a shared address brings everything back', async () => {
    const { page } = await visit(`${url}#side=192&photo=${photo}`);
    await settled(page);
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
    const { page } = await visit(`${url}#side=192&photo=${photo}&q=${encodeURIComponent(phrase)}&compare=field`);
    await settled(page);
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

  it('gives pictures and cameras away as files that the command line reads', async () => {
    const { page } = await visit(`${url}#side=192&photo=${photo}`);
    await settled(page);
    await page.getByRole('radio', { name: 'Depth', exact: true }).check();
    const png = await saved(page, 'Picture PNG');
    expect(png.name).toMatch(/depth\.png$/);
    const picture = await images.decode(new Uint8Array(png.bytes), png.name);
    const shown = await pixels(page);
    expect([picture.width, picture.height]).toEqual([shown.width, shown.height]);
    for (let i = 0; i < shown.width * shown.height; i += 97)
      for (let c = 0; c < 3; c++) expect(picture.data[3 * i + c]).toBe(shown.data[4 * i + c]);
    const camera = await saved(page, 'Camera JSON');
    const [{ camera: read }] = parseCameraFile(camera.bytes.toString(), camera.name, { transform: [], scale: 1 });
    const { photos } = JSON.parse(readFileSync(join(run, 'cameras.json'), 'utf8'));
    expect(Array.from(read.cameraToWorld)).toEqual(photos[photo].camera.cameraToWorld);
    expect(read.fy / read.height).toBeCloseTo(photos[photo].camera.fy / 90, 6);
  });

  it('gives away the points of a phrase, where they are in the scene', async () => {
    const { page } = await visit(`${url}#side=192&photo=${photo}`);
    await settled(page);
    await ask(page, phrase);
    const ply = await saved(page, 'Points PLY');
    expect(ply.name).toMatch(/teddy-bear\.ply$/);
    const text = ply.bytes.toString('latin1');
    const header = text.slice(0, text.indexOf('end_header\n') + 11);
    const count = Number(/element vertex (\d+)/.exec(header)![1]);
    expect(ply.bytes.length).toBe(header.length + 19 * count);
    const npy = await saved(page, 'Relevancy NPY');
    const { data } = decodeNpy(new Uint8Array(npy.bytes), npy.name);
    const above = Array.from(data, Number).filter((value) => value > 0.5);
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThanOrEqual(above.length);
    // The points lie round the place that the panel names, in the run's scene frame.
    const [x, y, z] = [0, 4, 8].map((at) => ply.bytes.readFloatLE(header.length + 19 * Math.floor(count / 2) + at));
    const { photos } = JSON.parse(readFileSync(join(run, 'cameras.json'), 'utf8'));
    const { cameraToWorld: m, fx, cx, fy, cy } = photos[photo].camera;
    const [dx, dy, dz] = [x - m[3], y - m[7], z - m[11]];
    const along = (column: number) => m[column] * dx + m[4 + column] * dy + m[8 + column] * dz;
    const [col, row] = [cx - (fx * along(0)) / along(2), cy + (fy * along(1)) / along(2)];
    expect(along(2)).toBeLessThan(0);
    expect(truth.inside[Math.floor(row) * truth.width + Math.floor(col)]).toBe(true);
  });

  it('records a camera path as a film that a browser plays', async () => {
    const { page, faults } = await visit(`${url}#side=192&photo=${photo}`);
    await settled(page);
    await page.getByText('Camera path', { exact: true }).click();
    const add = page.getByRole('button', { name: 'Add this view' });
    await add.click();
    const views = [await pixels(page)];
    await page.getByRole('button', { name: 'Next photo' }).click();
    await page.waitForFunction((last) => !location.hash.includes(`photo=${last}`), photo);
    await settled(page);
    views.push(await pixels(page));
    await add.click();
    expect(await page.locator('.path-views li').count()).toBe(2);
    await page.getByRole('slider', { name: 'From view to view' }).fill('0.5');
    for (const [name, side] of [
      ['Width', '96'],
      ['Height', '72'],
    ])
      await page.getByRole('spinbutton', { name }).fill(side);
    await page.getByRole('combobox', { name: 'Pictures a second' }).selectOption('12');
    await page.getByText(/^7 pictures/).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download', { timeout: 2 * minutes }),
      page.getByRole('button', { name: 'Record WebM' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/film\.webm$/);
    const film = readFileSync(await download.path()).toString('base64');
    await settled(page);
    const player = await (await browser.newContext()).newPage();
    open.push(player.context());
    const played = await player.evaluate(async (data) => {
      const video = document.createElement('video');
      video.muted = true;
      video.src = `data:video/webm;base64,${data}`;
      const until = (event: string) =>
        new Promise((resolve, reject) => {
          video.addEventListener(event, resolve, { once: true });
          video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
        });
      await until('loadeddata');
      const { videoWidth: width, videoHeight: height, duration } = video;
      const frames: number[][] = [];
      for (const time of [0.01, duration - 0.02]) {
        video.currentTime = time;
        await until('seeked');
        const context = new OffscreenCanvas(width, height).getContext('2d')!;
        context.drawImage(video, 0, 0);
        frames.push(Array.from(context.getImageData(0, 0, width, height).data));
      }
      return { width, height, duration, frames };
    }, film);
    expect([played.width, played.height]).toEqual([96, 72]);
    expect(played.duration).toBeCloseTo(7 / 12, 2);
    for (const [i, view] of views.entries()) {
      const small = await images.resize({ ...view, channels: 4, data: Uint8Array.from(view.data) }, 96, 72);
      const difference = (j: number) =>
        played.frames[j].reduce((sum, value, k) => sum + Math.abs(value - small.data[k]), 0) / small.data.length;
      // The film is lossy: the other view differs by several times as much.
      expect(difference(i)).toBeLessThan(12);
      expect(difference(i)).toBeLessThan(difference(1 - i) / 2);
    }
    expect(faults).toEqual([]);
  });

  it('scores what is drawn round a thing as "langfield eval" does, and saves it for that', async () => {
    const { page, faults } = await visit(`${url}#side=192&photo=${photo}&field=panoptic`);
    await settled(page);
    await page.getByText('Label', { exact: true }).click();
    expect(await page.locator('.label-part .hint').textContent()).toMatch(/^Ask for something/);
    await ask(page, phrase);
    const [place, picture] = await Promise.all(
      [page.locator('.place').first(), page.locator('.picture')].map(async (each) => (await each.boundingBox())!),
    );
    const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
    const reach = 0.12 * picture.height;
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
    const labels = join(folder, 'labels');
    await files.writeAtomic(join(labels, json.name), json.bytes);
    const size = ['--size', '192x144'];
    await must('eval', run, '--labels', labels, '--field', 'panoptic', '--no-photos', ...size);
    const { pairs } = JSON.parse(readFileSync(join(run, 'eval.json'), 'utf8'));
    const score = pairs.find(({ field }: { field: string }) => field === 'panoptic');
    // A query at this size may have chosen another scale than the page; at the same one all numbers are the same.
    const hash = new URLSearchParams(new URL(page.url()).hash.slice(1));
    hash.set('q', `${phrase}~0~1~1~${score.scale.toFixed(4)}`);
    const before = Number(await page.locator('canvas').first().getAttribute('data-frame'));
    await page.evaluate((text) => {
      location.hash = text;
    }, hash.toString());
    await page.waitForFunction((id) => Number(document.querySelector('canvas')?.dataset.frame) > id, before, {
      timeout: 2 * minutes,
    });
    await settled(page);
    expect(await page.locator('.label-part').textContent()).toContain(`scale ${score.scale.toFixed(2)}.`);
    const [d, ratio, recall] = await page.locator('.scores tbody td').allTextContents();
    expect(Number(d)).toBeCloseTo(score.dRelevancy, 3);
    expect(Number(ratio)).toBeCloseTo(score.ratioAcc, 2);
    expect(recall).toBe(score.recall === 1 ? 'yes' : 'no');

    const zip = await saved(page, 'Masks ZIP');
    const masks = unzipSync(new Uint8Array(zip.bytes));
    expect(Object.keys(masks)).toEqual([`novel-01/${phrase}.png`]);
    const tree = join(folder, 'masks');
    for (const [name, bytes] of Object.entries(masks)) await files.writeAtomic(join(tree, name), bytes);
    const [[polygons], [mask]] = await Promise.all(
      [labels, tree].map(async (each) => (await readLabels(files, images, each)).views),
    );
    expect([mask.width, mask.height]).toEqual([120, 90]);
    expect(labelMask(mask, phrase, 120, 90)).toEqual(labelMask(polygons, phrase, 120, 90));
    expect(faults).toEqual([]);
  });

  it('shows CLIP embeddings at a scale as colours, in which things differ, and which an address brings back', async () => {
    const { page, faults } = await visit(`${url}#side=192&photo=${photo}&field=panoptic&layer=features`);
    await settled(page);
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
        const at = (position: number, from: number, to: number) => Math.floor(((position + 0.5) * to) / from);
        const row = at(Math.floor(pixel / clip.width), clip.height, truth.height);
        const col = at(pixel % clip.width, clip.width, truth.width);
        if (truth.inside[row * truth.width + col] !== inside) continue;
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
    const { photos } = JSON.parse(readFileSync(join(run, 'cameras.json'), 'utf8'));
    const trained = photos.findIndex(({ split }: { split: string }) => split === 'train');
    const { page, faults } = await visit(`${url}#side=192&photo=${trained}&field=panoptic&layer=tiles&level=1`);
    await page.waitForSelector('canvas[data-prior="tiles 1"]', { timeout: minutes });
    const png = readFileSync(join(run, 'regions', 'panoptic', `${trained}.png`));
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
    await page.goto(`${url}#side=192&photo=${photo}&field=panoptic&layer=tiles`);
    await page.getByText('This photo was held out').waitFor();
    await page.goto(`${url}#side=192&photo=${trained}&field=none&layer=tiles`);
    await page.getByText('was trained without regions').waitFor();
    expect(faults).toEqual([]);
  });

  it('is usable at phone width without scrolling sideways, and by keyboard alone', async () => {
    const { page } = await visit(`${url}#side=192`, { viewport: { width: 360, height: 740 }, hasTouch: true });
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

  it('follows a run that is trained further', async () => {
    const { page, faults } = await visit(`${url}#side=192&photo=${photo}`);
    await settled(page);
    const before = await pixels(page);
    const { config, parameters } = await openRun(run, files);
    const name = 'radiance.colour.0.weight';
    const changed = new Map(parameters).set(
      name,
      parameters.get(name)!.map((value) => value * 0.25),
    );
    await saveScene(run, files, config.scene, changed);
    await page.waitForFunction(
      (id) => Number(document.querySelector('canvas')?.dataset.frame) > id,
      Number(await page.locator('canvas').getAttribute('data-frame')),
      { timeout: minutes },
    );
    await settled(page);
    expect(await pixels(page)).not.toEqual(before);
    await saveScene(run, files, config.scene, parameters);
    expect(faults).toEqual([]);
  });

  it('says what is wrong when the scene cannot be fetched, and tries again', async () => {
    const context = await browser.newContext();
    open.push(context);
    const page = await context.newPage();
    let broken = true;
    await context.route('**/scene/scene.safetensors', (route) => (broken ? route.abort() : route.continue()));
    await page.goto(`${url}#side=192`);
    await page.waitForSelector('[role=alert]');
    expect(await page.locator('[role=alert]').textContent()).toMatch(/scene\.safetensors.*could not be fetched/);
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.waitForSelector('canvas[data-frame]', { timeout: minutes });
    expect(await page.locator('[role=alert]').count()).toBe(0);
  });
});

describe.skipIf(chromiumPath === undefined)('the static export', () => {
  let host: Awaited<ReturnType<typeof serveFolder>>;
  beforeAll(async () => {
    if (chromiumPath === undefined) return;
    expect(await must('export', run, '--web', join(web, 'scenes', 'tea'))).toMatch(/files, .* MiB/);
    host = await serveFolder(web);
  });
  afterAll(() => host?.close());

  it.each([
    ['with threads, by its service worker', 'allow', /2 threads|\d+ threads|1 thread/, true],
    ['on one thread where service workers are blocked', 'block', /1 thread/, false],
  ] as const)('answers a new phrase from a plain file server, %s', async (_, serviceWorkers, threads, isolated) => {
    const { page, faults, foreign } = await visit(`${host.url}scenes/tea/#side=192&photo=${photo}`, { serviceWorkers });
    await settled(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
    expect(await page.locator('.read-out').textContent()).toMatch(threads);
    await ask(page, phrase);
    expect(await page.locator('.outcome').textContent()).toMatch(/^0\.\d\d$/);
    expect(faults).toEqual([]);
    expect(foreign).toEqual([]);
  });
});
