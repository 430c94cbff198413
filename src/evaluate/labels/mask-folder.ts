/**
 * Labels as a tree of masks, `<view>/<phrase>.png` (LERF-Mask's `test_mask`, protocols §5.4): one folder per image,
 * named like the image without its ending, one picture per phrase; brighter than 128 is inside. All masks of a view
 * have one size.
 */
import { LangfieldError } from '../../errors.ts';
import { type FileSystem, type Image, type ImageCodec, joinPath } from '../../platform/platform.ts';
import type { Box, LabelView } from './labels.ts';

const maskName = /\.(png|jpe?g|webp)$/i;

/** Reads every sub-folder that holds pictures; views without any are left out. */
export async function readMaskFolder(files: FileSystem, images: ImageCodec, folder: string): Promise<LabelView[]> {
  const views: LabelView[] = [];
  for (const name of await files.list(folder)) {
    const viewFolder = joinPath(folder, name);
    if (!(await files.stat(viewFolder))?.isDirectory) continue;
    const masks = (await files.list(viewFolder)).filter((file) => maskName.test(file));
    if (masks.length > 0) views.push(await readView(files, images, viewFolder, name, masks));
  }
  return views;
}

async function readView(
  files: FileSystem,
  images: ImageCodec,
  viewFolder: string,
  image: string,
  masks: string[],
): Promise<LabelView> {
  const view: LabelView = { image, file: viewFolder, width: 0, height: 0, categories: new Map() };
  for (const file of masks) {
    const path = joinPath(viewFolder, file);
    const picture = await images.decode(await files.readBytes(path), path);
    const { width, height } = picture;
    if (view.width === 0) [view.width, view.height] = [width, height];
    if (width !== view.width || height !== view.height)
      throw new LangfieldError({
        file: path,
        problem: 'the masks of one view differ in size',
        found: `${width}×${height}`,
        expected: `${view.width}×${view.height}, like ${masks[0]}`,
        advice: 'Write all masks of a view at the size of its image',
      });
    const inside = insideOf(picture);
    const phrase = file.replace(maskName, '').trim();
    view.categories.set(phrase, [{ shape: { kind: 'mask', width, height, inside }, box: boxOf(inside, width) }]);
  }
  return view;
}

/** First channel above 128 of 255; [height, width] 0/1. */
function insideOf({ data, channels, width, height }: Image): Uint8Array {
  const threshold = data instanceof Uint16Array ? 128 * 257 : 128;
  return Uint8Array.from({ length: width * height }, (_, pixel) => (data[pixel * channels] > threshold ? 1 : 0));
}

function boxOf(inside: Uint8Array, width: number): Box {
  let [x0, y0, x1, y1] = [Infinity, Infinity, 0, 0];
  for (let pixel = 0; pixel < inside.length; pixel++) {
    if (!inside[pixel]) continue;
    const [row, col] = [Math.floor(pixel / width), pixel % width];
    x0 = Math.min(x0, col);
    x1 = Math.max(x1, col + 1);
    y0 = Math.min(y0, row);
    y1 = Math.max(y1, row + 1);
  }
  return x0 > x1 ? [0, 0, 0, 0] : [x0, y0, x1, y1];
}
