/** The picture of a written scene: some views, with what is what beside each photo. */
import { loadFonts } from '../pictures/captions.ts';
import { contactSheet, type SheetCell } from '../pictures/contact-sheet.ts';
import { type Image, joinPath, type Platform } from '../platform/platform.ts';

const mostRows = 4;
const cellWidth = 320;

/** Reads the folder that `writeScene` wrote. */
export async function drawSceneSheet(folder: string, name: string, platform: Platform): Promise<Image> {
  const names = (await platform.files.list(joinPath(folder, 'images'))).sort();
  const every = Math.max(1, Math.floor(names.length / mostRows));
  const chosen = names.filter((_, index) => index % every === 0).slice(0, mostRows);
  const read = async (kind: string, file: string) => {
    const path = joinPath(folder, kind, file);
    return platform.images.decode(await platform.files.readBytes(path), path);
  };
  const rows: SheetCell[][] = [];
  for (const file of chosen)
    rows.push([
      { image: await read('images', file), caption: file },
      { image: coloured(await read('instances', file)), caption: 'instances' },
      { image: coloured(await read('parts', file)), caption: 'parts' },
      { image: nearBright(await read('depth', file)), caption: 'depth' },
    ]);
  return contactSheet(
    rows,
    { title: `Built-in scene ${name}`, subtitle: folder, cellWidth },
    await loadFonts(platform),
    platform.images,
  );
}

/** A colour per id; 0 is black. */
function coloured({ width, height, data }: Image): Image {
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < 3; channel++)
      rgb[pixel * 3 + channel] = data[pixel] === 0 ? 0 : 40 + ((data[pixel] * [73, 151, 199][channel]) % 200);
  return { width, height, channels: 3, data: rgb };
}

/** Depth as grey, from the nearest (white) to the farthest (dark). */
function nearBright({ width, height, data }: Image): Image {
  const seen = Array.from(data).filter((depth) => depth > 0);
  const near = seen.reduce((least, depth) => Math.min(least, depth), 65535);
  const far = seen.reduce((most, depth) => Math.max(most, depth), 0);
  const grey = Uint8Array.from(data, (depth) =>
    depth === 0 ? 0 : 255 - (225 * (depth - near)) / Math.max(1, far - near),
  );
  return { width, height, channels: 1, data: grey };
}
