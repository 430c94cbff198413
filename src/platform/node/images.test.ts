import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { LangfieldError } from '../../errors.ts';
import type { Image } from '../platform.ts';
import { nodeImages } from './images.ts';

const images = nodeImages();

/** A picture with an asymmetric ramp, so that any turn or swap of channels shows. */
function ramp(width: number, height: number, channels: 1 | 3 | 4, deep = false): Image {
  const data = deep ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels);
  const white = deep ? 65535 : 255;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = [x / width, y / height, (x + y) / (width + height), 0.25 + (0.75 * x) / width];
      for (let c = 0; c < channels; c++) data[(y * width + x) * channels + c] = Math.round(pixel[c] * white);
    }
  }
  return { width, height, channels, data };
}

const raw = (image: Image) =>
  sharp(image.data, { raw: { width: image.width, height: image.height, channels: image.channels } });

function meanDifference(a: Image, b: Image): number {
  expect([a.width, a.height, a.channels]).toEqual([b.width, b.height, b.channels]);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i] - b.data[i]);
  return sum / a.data.length;
}

describe('PNG is exact', () => {
  for (const deep of [false, true]) {
    for (const channels of [1, 3, 4] as const) {
      it(`${deep ? 16 : 8} bit, ${channels} channels`, async () => {
        const original = ramp(37, 23, channels, deep);
        const bytes = await images.encodePng(original);
        const back = await images.decode(bytes, 'ramp.png');
        expect(back.data).toBeInstanceOf(deep ? Uint16Array : Uint8Array);
        expect(back).toEqual(original);
        expect(await images.probe(bytes, 'ramp.png')).toEqual({
          width: 37,
          height: 23,
          orientation: 1,
          format: 'png',
        });
      });
    }
  }

  it('keeps every 16-bit grey value, as region ids need', async () => {
    const data = new Uint16Array(65536).map((_, i) => i);
    const original: Image = { width: 256, height: 256, channels: 1, data };
    expect(await images.decode(await images.encodePng(original), 'ids.png')).toEqual(original);
  });

  it('expands palettes and grey with alpha', async () => {
    const original = ramp(16, 8, 3);
    const palette = new Uint8Array(await raw(original).png({ palette: true, colours: 256, dither: 0 }).toBuffer());
    const back = await images.decode(palette, 'palette.png');
    expect(meanDifference(back, original)).toBeLessThan(6);

    const greyAlpha = await sharp(Buffer.from([10, 255, 20, 128]), { raw: { width: 2, height: 1, channels: 2 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const four = await images.decode(new Uint8Array(greyAlpha), 'grey-alpha.png');
    expect(four).toEqual({
      width: 2,
      height: 1,
      channels: 4,
      data: Uint8Array.from([10, 10, 10, 255, 20, 20, 20, 128]),
    });
  });
});

describe('lossy formats', () => {
  const original = ramp(64, 48, 3);
  const encoders: [string, () => Promise<Buffer>, number][] = [
    ['jpeg', () => raw(original).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(), 2],
    ['webp', () => raw(original).webp({ quality: 95 }).toBuffer(), 4],
    ['avif', () => raw(original).avif({ quality: 90 }).toBuffer(), 4],
  ];
  for (const [format, encode, tolerance] of encoders) {
    it(format, async () => {
      const bytes = new Uint8Array(await encode());
      expect(await images.probe(bytes, 'a')).toEqual({ width: 64, height: 48, orientation: 1, format });
      expect(meanDifference(await images.decode(bytes, 'a'), original)).toBeLessThan(tolerance);
    });
  }

  it('a WebP with alpha keeps it', async () => {
    const four = ramp(32, 32, 4);
    const bytes = new Uint8Array(await raw(four).webp({ lossless: true, exact: true }).toBuffer());
    expect(await images.decode(bytes, 'a.webp')).toEqual(four);
  });

  it('a CMYK JPEG becomes sRGB', async () => {
    const bytes = new Uint8Array(await raw(original).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer());
    expect((await sharp(bytes).metadata()).channels).toBe(4);
    const back = await images.decode(bytes, 'print.jpg');
    // CMYK cannot hold every sRGB colour, so only the order of magnitude is promised.
    expect(meanDifference(back, original)).toBeLessThan(30);
  });

  it('encodeJpeg keeps colours, also from 16 bit', async () => {
    const deep = ramp(64, 48, 3, true);
    const back = await images.decode(await images.encodeJpeg(deep, 95), 'a.jpg');
    expect(meanDifference(back, original)).toBeLessThan(2);
  });
});

describe('EXIF rotation', () => {
  const original = ramp(40, 20, 3);
  const turned = async (orientation: number) =>
    new Uint8Array(await raw(original).jpeg({ quality: 100 }).withMetadata({ orientation }).toBuffer());

  it('is reported, applied, ignored or refused', async () => {
    const bytes = await turned(6);
    expect(await images.probe(bytes, 'a.jpg')).toEqual({ width: 40, height: 20, orientation: 6, format: 'jpeg' });
    const ignored = await images.decode(bytes, 'a.jpg', { orientation: 'ignore' });
    expect(meanDifference(ignored, original)).toBeLessThan(3);
    await expect(images.decode(bytes, 'a.jpg', { orientation: 'refuse' })).rejects.toThrow(/a\.jpg.*EXIF rotation/);

    const applied = await images.decode(bytes, 'a.jpg', { orientation: 'apply' });
    expect([applied.width, applied.height]).toEqual([20, 40]);
    // Orientation 6: turn clockwise by 90 degrees to see it upright, so the lower left corner comes to the upper left.
    const at = (image: Image, row: number, col: number) =>
      Array.from(image.data.slice((row * image.width + col) * 3).slice(0, 3));
    const corner = at(applied, 0, 0);
    at(original, 19, 0).forEach((value, c) => {
      expect(Math.abs(value - corner[c])).toBeLessThan(8);
    });
  });
});

describe('damaged files are refused', () => {
  const cases: [string, () => Promise<Buffer>][] = [
    [
      'jpeg',
      () =>
        raw(ramp(200, 200, 3))
          .jpeg()
          .toBuffer(),
    ],
    [
      'progressive jpeg',
      () =>
        raw(ramp(200, 200, 3))
          .jpeg({ progressive: true })
          .toBuffer(),
    ],
    [
      'png',
      () =>
        raw(ramp(200, 200, 3))
          .png()
          .toBuffer(),
    ],
    [
      'webp',
      () =>
        raw(ramp(200, 200, 3))
          .webp()
          .toBuffer(),
    ],
    [
      'avif',
      () =>
        raw(ramp(200, 200, 3))
          .avif()
          .toBuffer(),
    ],
  ];
  for (const [name, encode] of cases) {
    for (const part of [0.95, 0.6, 0.2]) {
      it(`${name} cut at ${part * 100} %`, async () => {
        const whole = await encode();
        const cut = new Uint8Array(whole.subarray(0, Math.floor(whole.length * part)));
        const outcome = images.decode(cut, `photo.${name}`);
        await expect(outcome).rejects.toThrow(LangfieldError);
        await expect(outcome).rejects.toThrow(/photo.*(damaged|cut short)/);
      });
    }
  }

  it('an empty file, text, and an unsupported format say so', async () => {
    await expect(images.decode(new Uint8Array(0), 'a.png')).rejects.toThrow(/a\.png: the image file is empty/);
    await expect(images.decode(new TextEncoder().encode('hello, world'), 'a.png')).rejects.toThrow(/a\.png.*decoded/);
    const tiff = new Uint8Array(
      await raw(ramp(8, 8, 3))
        .tiff()
        .toBuffer(),
    );
    await expect(images.decode(tiff, 'a.tif')).rejects.toThrow(/not supported.*found tiff.*JPEG, PNG, WebP or AVIF/);
  });
});

it('rasterises SVG paths at the size asked for', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path d="M0 0h2v2h-2z" fill="#f00"/></svg>';
  const image = await images.rasteriseSvg(svg, 40, 20);
  expect([image.width, image.height, image.channels]).toEqual([40, 20, 4]);
  expect(Array.from(image.data.slice(0, 4))).toEqual([255, 0, 0, 255]);
  expect(image.data[39 * 4 + 3]).toBe(0);
});
