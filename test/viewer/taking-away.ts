/** What the page gives away as files: pictures, cameras, points, films. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { decodeNpy } from '../../src/formats/npy.ts';
import { parseCameraFile } from '../../src/query/camera-file.ts';
import {
  ask,
  images,
  minutes,
  newContext,
  photosOf,
  phrase,
  pixels,
  saved,
  scene,
  settled,
  visitPhoto,
} from './viewer-scene.ts';

export function takingAwayTests(): void {
  it('gives pictures and cameras away as files that the command line reads', async () => {
    const { page } = await visitPhoto();
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
    const photos = photosOf(scene.run);
    expect(Array.from(read.cameraToWorld)).toEqual(photos[scene.photo].camera.cameraToWorld);
    expect(read.fy / read.height).toBeCloseTo(photos[scene.photo].camera.fy / 90, 6);
  });

  it('gives away the points of a phrase, where they are in the scene', async () => {
    const { page } = await visitPhoto();
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
    const photos = photosOf(scene.run);
    const { cameraToWorld: m, fx, cx, fy, cy } = photos[scene.photo].camera;
    const [dx, dy, dz] = [x - m[3], y - m[7], z - m[11]];
    const along = (column: number) => m[column] * dx + m[4 + column] * dy + m[8 + column] * dz;
    const [col, row] = [cx - (fx * along(0)) / along(2), cy + (fy * along(1)) / along(2)];
    expect(along(2)).toBeLessThan(0);
    expect(scene.truth.inside[Math.floor(row) * scene.truth.width + Math.floor(col)]).toBe(true);
  });

  it('records a camera path as a film that a browser plays', async () => {
    const { page, faults } = await visitPhoto();
    await page.getByText('Camera path', { exact: true }).click();
    const add = page.getByRole('button', { name: 'Add this view' });
    await add.click();
    const views = [await pixels(page)];
    await page.getByRole('button', { name: 'Next photo' }).click();
    await page.waitForFunction((last) => !location.hash.includes(`photo=${last}`), scene.photo);
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
    const player = await (await newContext()).newPage();
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
        // The picture of the place may come a little after the word that it was reached: until then nothing is drawn.
        do {
          await new Promise((resolve) => setTimeout(resolve, 20));
          context.drawImage(video, 0, 0);
        } while (context.getImageData(0, 0, 1, 1).data[3] === 0);
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
}
