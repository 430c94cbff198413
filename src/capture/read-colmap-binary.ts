/** Reads COLMAP's binary model: cameras.bin, images.bin and points3D.bin, little-endian, as COLMAP's docs lay them out. */
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import { type ColmapCamera, colmapModelById } from './colmap-cameras.ts';
import type { ColmapImage, ColmapModel, ColmapPoints } from './colmap-model.ts';

/** Sequential little-endian numbers; running off the end is an error that names the file. */
class ByteReader {
  private readonly view: DataView;
  private readonly file: string;
  private offset = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
  }

  /** Moves past `size` bytes and returns where they start. */
  skip(size: number): number {
    const start = this.offset;
    this.offset += size;
    if (!(this.offset <= this.view.byteLength)) {
      throw new LangfieldError({
        problem: 'the file ends in the middle of an entry',
        file: this.file,
        found: `${this.view.byteLength} bytes`,
        expected: `at least ${this.offset} bytes`,
        advice: 'Copy the COLMAP model again, or export it again',
      });
    }
    return start;
  }

  byte = () => this.view.getUint8(this.skip(1));
  int32 = () => this.view.getInt32(this.skip(4), true);
  uint64 = () => Number(this.view.getBigUint64(this.skip(8), true));
  int64 = () => Number(this.view.getBigInt64(this.skip(8), true));
  double = () => this.view.getFloat64(this.skip(8), true);

  /** A number of entries of at least `entrySize` bytes each, checked against what is left of the file. */
  count(entrySize: number): number {
    const entries = this.uint64();
    const start = this.skip(entries * entrySize);
    this.offset = start;
    return entries;
  }

  /** Bytes up to a zero byte, as UTF-8. */
  name(): string {
    const start = this.offset;
    while (this.byte() !== 0);
    const length = this.offset - 1 - start;
    return new TextDecoder().decode(new Uint8Array(this.view.buffer, this.view.byteOffset + start, length));
  }
}

export function readBinaryCameras(bytes: Uint8Array, file: string): Map<number, ColmapCamera> {
  const reader = new ByteReader(bytes, file);
  const cameras = new Map<number, ColmapCamera>();
  const entries = reader.count(24);
  for (let i = 0; i < entries; i++) {
    const id = reader.int32();
    const model = colmapModelById(reader.int32(), file, `camera ${id}`);
    const [width, height] = [reader.uint64(), reader.uint64()];
    cameras.set(id, { id, model, width, height, parameters: model.parameters.map(() => reader.double()) });
  }
  return cameras;
}

export function readBinaryImages(
  bytes: Uint8Array,
  file: string,
  options: { observations?: boolean } = {},
): ColmapImage[] {
  const reader = new ByteReader(bytes, file);
  const images: ColmapImage[] = [];
  const entries = reader.count(73);
  for (let i = 0; i < entries; i++) {
    const image: ColmapImage = {
      id: reader.int32(),
      rotation: [reader.double(), reader.double(), reader.double(), reader.double()],
      translation: [reader.double(), reader.double(), reader.double()],
      cameraId: reader.int32(),
      name: reader.name(),
    };
    const features = reader.count(24);
    if (options.observations) {
      image.observations = new Float64Array(features * 3);
      for (let k = 0; k < features * 3; k++) image.observations[k] = k % 3 === 2 ? reader.int64() : reader.double();
    } else {
      reader.skip(features * 24);
    }
    images.push(image);
  }
  return images;
}

export function readBinaryPoints(bytes: Uint8Array, file: string): ColmapPoints {
  const reader = new ByteReader(bytes, file);
  const entries = reader.count(51);
  const points: ColmapPoints = {
    ids: new Float64Array(entries),
    positions: new Float64Array(entries * 3),
    colours: new Uint8Array(entries * 3),
  };
  for (let i = 0; i < entries; i++) {
    points.ids[i] = reader.uint64();
    for (let k = 0; k < 3; k++) points.positions[i * 3 + k] = reader.double();
    for (let k = 0; k < 3; k++) points.colours[i * 3 + k] = reader.byte();
    reader.double();
    reader.skip(reader.count(8) * 8);
  }
  return points;
}

export async function readColmapBinary(files: FileSystem, folder: string): Promise<ColmapModel> {
  const read = async (name: string) => files.readBytes(joinPath(folder, name));
  const imagesFile = joinPath(folder, 'images.bin');
  const pointsFile = joinPath(folder, 'points3D.bin');
  const hasPoints = (await files.stat(pointsFile)) !== undefined;
  return {
    imagesFile,
    cameras: readBinaryCameras(await read('cameras.bin'), joinPath(folder, 'cameras.bin')),
    images: readBinaryImages(await read('images.bin'), imagesFile),
    points: hasPoints ? readBinaryPoints(await read('points3D.bin'), pointsFile) : undefined,
  };
}
