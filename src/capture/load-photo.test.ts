import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture, writeTo } from '../../test/capture-writers.ts';
import { randomBits } from '../math/random.ts';
import { pixelRay } from '../math/rays.ts';
import { viewCamera } from '../math/views.ts';
import { nodePlatform } from '../platform/node/index.ts';
import type { CapturePhoto } from './capture.ts';
import { loadPhoto, loadPhotoMask } from './load-photo.ts';
import { probePhoto } from './probe-photo.ts';

const { files, images } = nodePlatform();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-photo-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const photoOf = (name: string, width: number, height: number): CapturePhoto => ({
  name,
  path: join(folder, name),
  camera: viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), width, height, 50),
  split: 'train',
});

describe('loadPhoto', () => {
  it('blends alpha on black and keeps it', async () => {
    writeTo(folder, 'alpha.png', await picture(20, 10, 3, 4).png().toBuffer());
    const { pixels } = await loadPhoto(photoOf('alpha.png', 20, 10), files, images);
    const last = (9 * 20 + 19) * 3;
    // Opacity 51/255 = 0.2 on the right half, 1 on the left.
    expect([...pixels.rgb.slice(last, last + 3)]).toEqual([242, 230, 120].map((v) => Math.round(v * 0.2)));
    expect([...pixels.rgb.slice(0, 3)]).toEqual([0, 0, 120]);
    expect(pixels.alpha?.[0]).toBe(255);
    expect(pixels.alpha?.[last / 3]).toBe(51);
  });

  it('averages premultiplied colour and alpha when shrinking', async () => {
    const data = Uint8Array.from([200, 100, 0, 255, 0, 0, 0, 0, 200, 100, 0, 255, 255, 255, 255, 0]);
    writeTo(
      folder,
      'edge.png',
      await sharp(data, { raw: { width: 2, height: 2, channels: 4 } })
        .png()
        .toBuffer(),
    );
    const { pixels } = await loadPhoto(photoOf('edge.png', 2, 2), files, images, { downscale: 2 });
    expect([...pixels.rgb]).toEqual([100, 50, 0]);
    expect([...pixels.alpha!]).toEqual([128]);
  });

  it('returns the camera of exactly these pixels, also for odd sizes', async () => {
    writeTo(folder, 'odd.png', await picture(101, 67).png().toBuffer());
    const photo = photoOf('odd.png', 101, 67);
    const { pixels, camera } = await loadPhoto(photo, files, images, { downscale: 4 });
    expect([pixels.width, pixels.height]).toEqual([25, 16]);
    expect(pixels.rgb).toHaveLength(25 * 16 * 3);
    // The picture's red is 255·x/width at its pixels' left edges: what a small pixel shows must be where its ray points.
    const ray = pixelRay(camera, 7, 11).direction;
    const x = photo.camera.cx + (photo.camera.fx * ray[0]) / -ray[2];
    expect(Math.abs(pixels.rgb[(7 * 25 + 11) * 3] - (255 * (x - 0.5)) / 101)).toBeLessThan(0.6);
    await expect(loadPhoto(photo, files, images, { downscale: 0.5 })).rejects.toThrow(/only be shrunk/);
    expect((await loadPhoto(photo, files, images, { downscale: 1000 })).pixels.rgb).toHaveLength(3);
  });

  it('reads 8 and 16 bit, grey, WebP and AVIF', async () => {
    const deep = new Uint16Array(8 * 8 * 3).map((_, i) => i * 300);
    writeTo(
      folder,
      'deep.png',
      await sharp(deep, { raw: { width: 8, height: 8, channels: 3 } })
        .toColourspace('rgb16')
        .png()
        .toBuffer(),
    );
    const loaded = (await loadPhoto(photoOf('deep.png', 8, 8), files, images)).pixels;
    expect(loaded.rgb).toEqual(deep);
    const grey = await sharp(Uint8Array.from([7, 9]), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    writeTo(folder, 'grey.png', grey);
    expect([...(await loadPhoto(photoOf('grey.png', 2, 1), files, images)).pixels.rgb]).toEqual([7, 7, 7, 9, 9, 9]);
    for (const format of ['webp', 'avif'] as const) {
      writeTo(folder, `a.${format}`, await picture(32, 32).toFormat(format, { quality: 90 }).toBuffer());
      const { pixels } = await loadPhoto(photoOf(`a.${format}`, 32, 32), files, images, { downscale: 32 });
      expect(Math.abs(pixels.rgb[0] - 123.5)).toBeLessThan(5);
      expect(pixels.alpha).toBeUndefined();
    }
  });

  it('refuses a truncated JPEG and a photo that changed', async () => {
    const whole = await picture(64, 48).jpeg().toBuffer();
    writeTo(folder, 'cut.jpg', whole.subarray(0, whole.length * 0.7));
    await expect(loadPhoto(photoOf('cut.jpg', 64, 48), files, images)).rejects.toThrow(
      /cut\.jpg.*damaged or cut short/,
    );
    writeTo(folder, 'other.jpg', whole);
    await expect(loadPhoto(photoOf('other.jpg', 60, 48), files, images)).rejects.toThrow(/changed.*64×48.*60×48/);
  });
});

describe('loadPhotoMask', () => {
  it('samples the nearest pixel at any size, and refuses another shape', async () => {
    const data = Uint8Array.from([0, 255, 255, 0, 0, 1, 255, 255]);
    const mask = await sharp(data, { raw: { width: 4, height: 2, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    writeTo(folder, 'mask.png', mask);
    const photo = { ...photoOf('x.jpg', 8, 4), maskPath: join(folder, 'mask.png') };
    expect([...(await loadPhotoMask(photo, files, images, 4, 2))!]).toEqual([0, 1, 1, 0, 0, 1, 1, 1]);
    expect([...(await loadPhotoMask(photo, files, images, 2, 1))!]).toEqual([1, 1]);
    expect(await loadPhotoMask(photoOf('x.jpg', 8, 4), files, images, 4, 2)).toBeUndefined();
    const square = { ...photoOf('x.jpg', 8, 8), maskPath: join(folder, 'mask.png') };
    await expect(loadPhotoMask(square, files, images, 4, 4)).rejects.toThrow(/mask\.png.*shape.*4×2.*8×8/);
  });
});

describe('probePhoto', () => {
  /** A JPEG with `size` bytes of application data before the picture. */
  const padded = (jpeg: Buffer, size: number) => {
    const segments: Buffer[] = [];
    for (let left = size; left > 0; left -= 60000) {
      const length = Math.min(left, 60000);
      segments.push(Buffer.from([0xff, 0xef, (length + 2) >> 8, (length + 2) & 255]), Buffer.alloc(length));
    }
    return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
  };

  it('reads a JPEG from its head, however much metadata it has', async () => {
    const jpeg = await picture(64, 48).jpeg().withMetadata({ orientation: 8 }).toBuffer();
    const expected = { width: 64, height: 48, orientation: 8, format: 'jpeg' };
    for (const size of [0, 300_000]) {
      writeTo(folder, 'big.jpg', Buffer.concat([padded(jpeg, size), Buffer.alloc(300_000)]));
      expect(await probePhoto(join(folder, 'big.jpg'), files, images)).toEqual(expected);
    }
  });

  it('finds the EXIF tag at the end of a large WebP', async () => {
    const noise = new Uint8Array(384 * 384 * 3).map((_, i) => randomBits(1, 1, i));
    const webp = await sharp(noise, { raw: { width: 384, height: 384, channels: 3 } })
      .webp({ lossless: true })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    expect(webp.length).toBeGreaterThan(256 * 1024);
    writeTo(folder, 'big.webp', webp);
    expect((await probePhoto(join(folder, 'big.webp'), files, images)).orientation).toBe(6);
  });
});
