/**
 * Files of an answer, in one folder per phrase and view: exact relevancy (float32 NPY, and 16-bit PNG with
 * 65535 = 1), the three displays of spec §3.4, and the picture composited over the rendered colours, masked by the
 * phrase's own relevancy.
 */
import { encodeNpy } from '../formats/npy.ts';
import {
  displayCentred,
  displayComposited,
  displayDepth,
  displayNormalised,
  displayRaw,
  grey16,
} from '../pictures/displays.ts';
import { type FileSystem, type Image, type ImageCodec, joinPath } from '../platform/platform.ts';
import type { PhraseAnswer, ViewAnswer } from './answer-view.ts';
import type { Appearance } from './render-view.ts';

export interface PictureWriter {
  files: Pick<FileSystem, 'writeAtomic'>;
  images: Pick<ImageCodec, 'encodePng'>;
}

/** Rendered colours as an 8-bit picture. */
export function colourPicture({ width, height, rgb }: Appearance): Image {
  return { width, height, channels: 3, data: Uint8Array.from(rgb, to255) };
}

function to255(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}

/** The displays of one phrase. */
export function relevancyPictures(answer: PhraseAnswer, view: ViewAnswer) {
  const map = { width: view.width, height: view.height, values: answer.relevancy };
  return {
    raw: displayRaw(map),
    centred: displayCentred(map),
    normalised: displayNormalised(map),
    composited: compositedPicture(answer, view),
  };
}

/**
 * Relevancy over the rendered colours; the colours alone when the phrase was not found, also where relevancy is 0.5
 * to the bit (an unknown phrase that has the vector of a canonical one).
 */
export function compositedPicture({ relevancy, found }: PhraseAnswer, view: ViewAnswer): Image {
  const colours = colourPicture(view);
  const { width, height } = view;
  return found ? displayComposited({ width, height, values: relevancy }, colours) : colours;
}

/** Writes one phrase of one view into `folder`; returns the paths. */
export async function writePhraseAnswer(
  writer: PictureWriter,
  folder: string,
  answer: PhraseAnswer,
  view: ViewAnswer,
): Promise<string[]> {
  const { width, height } = view;
  const pictures = {
    'relevancy-16': grey16({ width, height, values: answer.relevancy }),
    ...relevancyPictures(answer, view),
  };
  const exact = joinPath(folder, 'relevancy.npy');
  await writer.files.writeAtomic(exact, encodeNpy(answer.relevancy, [height, width]));
  const written = await writePictures(writer, folder, pictures);
  return [exact, ...written];
}

/** Writes rgb and depth of a view into `folder`: rgb, the depth display and accumulation as PNG, depth as NPY. */
export async function writeAppearance(writer: PictureWriter, folder: string, view: Appearance): Promise<string[]> {
  const { width, height } = view;
  const exact = joinPath(folder, 'depth.npy');
  await writer.files.writeAtomic(exact, encodeNpy(view.depth, [height, width]));
  const written = await writePictures(writer, folder, {
    rgb: colourPicture(view),
    depth: depthPicture(view),
    accumulation: { width, height, channels: 1, data: Uint8Array.from(view.accumulation, to255) },
  });
  return [exact, ...written];
}

export function depthPicture({ width, height, depth, accumulation }: Appearance): Image {
  return displayDepth({ width, height, values: depth }, accumulation);
}

async function writePictures(
  { files, images }: PictureWriter,
  folder: string,
  pictures: Record<string, Image>,
): Promise<string[]> {
  const paths: string[] = [];
  for (const [name, picture] of Object.entries(pictures)) {
    const path = joinPath(folder, `${name}.png`);
    await files.writeAtomic(path, await images.encodePng(picture));
    paths.push(path);
  }
  return paths;
}
