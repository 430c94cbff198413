/** Region maps as pictures: every region in a colour of its own over the photo, with an outline between regions. */
import type { Image } from '../platform/platform.ts';
import type { RegionMap } from './region-map.ts';

export interface RegionPictureOptions {
  /** Share of the colour in the mixture with the photo, 0..1. */
  opacity?: number;
  /** Width of the outline in pixels. */
  outline?: number;
}

/** @param photo RGB of the map's size; unlabelled pixels (id 0) are darkened instead of coloured */
export function regionPicture(map: RegionMap, photo: Image, options: RegionPictureOptions = {}): Image {
  const { width, height, ids } = map;
  if (photo.width !== width || photo.height !== height || photo.channels !== 3)
    throw new RangeError(`the photo is ${photo.width}×${photo.height}×${photo.channels}, the map ${width}×${height}`);
  const opacity = options.opacity ?? 0.55;
  const outline = options.outline ?? Math.max(1, Math.round(Math.max(width, height) / 640));
  const data = new Uint8Array(3 * width * height);
  const colours = new Map<number, [number, number, number]>();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const id = ids[i];
      let colour = colours.get(id);
      if (colour === undefined) {
        colour = id === 0 ? [40, 40, 40] : regionColour(colours.size);
        colours.set(id, colour);
      }
      const edge = onOutline(map, x, y, outline);
      const light = 0.3 * photo.data[3 * i] + 0.6 * photo.data[3 * i + 1] + 0.1 * photo.data[3 * i + 2];
      for (let c = 0; c < 3; c++)
        data[3 * i + c] = edge
          ? 255
          : Math.round(opacity * colour[c] + (1 - opacity) * (0.5 * photo.data[3 * i + c] + 0.5 * light));
    }
  return { width, height, channels: 3, data };
}

/** Whether a pixel within `reach` to the right or below belongs to another region. */
function onOutline({ width, height, ids }: RegionMap, x: number, y: number, reach: number): boolean {
  const id = ids[y * width + x];
  for (let dy = 0; dy <= reach && y + dy < height; dy++)
    for (let dx = 0; dx <= reach && x + dx < width; dx++) if (ids[(y + dy) * width + x + dx] !== id) return true;
  return false;
}

/** Colours far apart for consecutive numbers: the hue turns by the golden angle, lightness and chroma take turns. */
export function regionColour(number: number): [number, number, number] {
  const hue = (number * 137.508) % 360;
  const saturation = [0.85, 0.6, 0.95][number % 3];
  const lightness = [0.5, 0.62, 0.38][Math.floor(number / 3) % 3];
  const chroma = (1 - Math.abs(2 * lightness - 1)) * saturation;
  const channel = (offset: number) => {
    const k = (offset + hue / 60) % 6;
    return Math.round(255 * (lightness + chroma * (Math.min(1, Math.max(0, Math.abs(k - 3) - 1)) - 0.5)));
  };
  return [channel(0), channel(4), channel(2)];
}
