import { expect, it } from 'vitest';
import type { Image } from '../platform.ts';
import { nodeImages } from '../node/images.ts';
import sharp from 'sharp';
import { orientationBetween, withoutExif } from './orientation.ts';

const pictureOf = (width: number, height: number, value: (i: number) => number): Image => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, (_, i) => value(i)),
});

it('is the one with which another decoder shows the same picture', async () => {
  const stored = pictureOf(7, 5, (i) => (i * 47) % 251);
  const images = nodeImages();
  for (let orientation = 1; orientation <= 8; orientation++) {
    const raw = { width: 7, height: 5, channels: 1 } as const;
    const file = await sharp(stored.data, { raw }).png().withMetadata({ orientation }).toBuffer();
    const upright = await images.decode(file, 'photo.png', { orientation: 'apply' });
    expect(orientationBetween(await images.decode(file, 'photo.png', { orientation: 'ignore' }), upright)).toBe(
      orientation,
    );
  }
});

it('is nowhere in a file without its EXIF data, whose pixels stay', async () => {
  const raw = { width: 7, height: 5, channels: 1 } as const;
  const image = sharp(
    Uint8Array.from({ length: 35 }, (_, i) => i * 7),
    { raw },
  );
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const file = new Uint8Array(await image.toFormat(format).withMetadata({ orientation: 8 }).toBuffer());
    const mute = withoutExif(file);
    expect((await sharp(file).metadata()).orientation, format).toBe(8);
    expect((await sharp(mute).metadata()).orientation ?? 1, format).toBe(1);
    expect(await sharp(mute).raw().toBuffer()).toEqual(await sharp(file).raw().toBuffer());
    expect(withoutExif(mute)).toBe(mute);
    for (let cut = 0; cut < file.length; cut += 3) expect(() => withoutExif(file.slice(0, cut))).not.toThrow();
  }
});

it('is the least where several are the same', () => {
  const flat = pictureOf(4, 4, () => 9);
  expect(orientationBetween(flat, flat)).toBe(1);
  expect(
    orientationBetween(
      pictureOf(4, 2, () => 9),
      pictureOf(2, 4, () => 9),
    ),
  ).toBe(5);
});
