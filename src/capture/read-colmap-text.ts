/** Reads COLMAP's text model: cameras.txt, images.txt (two lines per image) and points3D.txt. */
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import { type ColmapCamera, colmapModelByName } from './colmap-cameras.ts';
import type { ColmapImage, ColmapModel, ColmapPoints } from './colmap-model.ts';

interface Line {
  text: string;
  /** From 1. */
  number: number;
}

const linesOf = (text: string): Line[] =>
  text.split('\n').map((line, i) => ({ text: line.replace(/\r$/, ''), number: i + 1 }));

const isContent = (line: Line) => line.text.trim() !== '' && !line.text.trimStart().startsWith('#');

/** The words of a line as numbers; `expected` says what the line should hold. */
function numbers(words: string[], file: string, line: Line, expected: string, atLeast: number): number[] {
  const values = words.map(Number);
  const bad = words.findIndex((word, i) => word === '' || !Number.isFinite(values[i]));
  if (bad >= 0 || words.length < atLeast) {
    throw new LangfieldError({
      problem: 'this line of the COLMAP model cannot be read',
      file,
      field: `line ${line.number}`,
      found: bad >= 0 ? words[bad] : `${words.length} numbers`,
      expected,
      advice: 'Export the model again with "colmap model_converter --output_type TXT"',
    });
  }
  return values;
}

export function readTextCameras(text: string, file: string): Map<number, ColmapCamera> {
  const cameras = new Map<number, ColmapCamera>();
  for (const line of linesOf(text).filter(isContent)) {
    const [idWord, name, ...rest] = line.text.trim().split(/\s+/);
    const model = colmapModelByName(name ?? '', file, `line ${line.number}`);
    const expected = `CAMERA_ID ${model.name} WIDTH HEIGHT ${model.parameters.join(' ')}`;
    const [id, width, height, ...parameters] = numbers(
      [idWord, ...rest],
      file,
      line,
      expected,
      3 + model.parameters.length,
    );
    cameras.set(id, { id, model, width, height, parameters });
  }
  return cameras;
}

export function readTextImages(text: string, file: string, options: { observations?: boolean } = {}): ColmapImage[] {
  const images: ColmapImage[] = [];
  const lines = linesOf(text);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (!isContent(line)) continue;
    const match = /^\s*((?:\S+\s+){9})(\S.*?)\s*$/.exec(line.text);
    const words = match?.[1].trim().split(/\s+/) ?? line.text.trim().split(/\s+/);
    const expected = 'IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME';
    const [id, qw, qx, qy, qz, tx, ty, tz, cameraId] = numbers(words, file, line, expected, 9);
    if (match === null) numbers([], file, line, expected, 10);
    const image: ColmapImage = {
      id,
      rotation: [qw, qx, qy, qz],
      translation: [tx, ty, tz],
      cameraId,
      name: match?.[2] ?? '',
    };
    // The next line holds the features, and is empty for an image without any.
    const features = lines[++i];
    if (options.observations && features !== undefined) {
      const values = features.text.trim() === '' ? [] : features.text.trim().split(/\s+/);
      image.observations = Float64Array.from(numbers(values, file, features, 'X Y POINT3D_ID triples', 0));
    }
    images.push(image);
  }
  return images;
}

export function readTextPoints(text: string, file: string): ColmapPoints {
  const lines = linesOf(text).filter(isContent);
  const points: ColmapPoints = {
    ids: new Float64Array(lines.length),
    positions: new Float64Array(lines.length * 3),
    colours: new Uint8Array(lines.length * 3),
  };
  lines.forEach((line, i) => {
    const words = line.text.trim().split(/\s+/, 8);
    const values = numbers(words, file, line, 'POINT3D_ID X Y Z R G B ERROR TRACK', 8);
    points.ids[i] = values[0];
    points.positions.set(values.slice(1, 4), i * 3);
    points.colours.set(values.slice(4, 7), i * 3);
  });
  return points;
}

export async function readColmapText(files: FileSystem, folder: string): Promise<ColmapModel> {
  const path = (name: string) => joinPath(folder, name);
  const hasPoints = (await files.stat(path('points3D.txt'))) !== undefined;
  return {
    imagesFile: path('images.txt'),
    cameras: readTextCameras(await files.readText(path('cameras.txt')), path('cameras.txt')),
    images: readTextImages(await files.readText(path('images.txt')), path('images.txt')),
    points: hasPoints ? readTextPoints(await files.readText(path('points3D.txt')), path('points3D.txt')) : undefined,
  };
}
