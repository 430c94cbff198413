/**
 * Writes small captures in every supported layout into a folder, for tests. Written from the formats' own
 * documentation, independently of the readers: COLMAP entries are world-to-camera with OpenCV axes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';

/** A smooth picture, different for every seed, whose left and right, top and bottom differ. */
export function picture(width: number, height: number, seed = 0, channels: 3 | 4 = 3): Sharp {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = [(255 * x) / width, (255 * y) / height, (40 * seed) % 256, x < width / 2 ? 255 : 51];
      for (let c = 0; c < channels; c++) data[(y * width + x) * channels + c] = pixel[c];
    }
  }
  return sharp(data, { raw: { width, height, channels } });
}

export function writeTo(folder: string, name: string, data: string | Uint8Array): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, data);
}

export async function writePhoto(folder: string, name: string, width: number, height: number, seed = 0): Promise<void> {
  const format = name.endsWith('.png') ? 'png' : 'jpeg';
  writeTo(folder, name, await picture(width, height, seed).toFormat(format).toBuffer());
}

/** Rows of a camera-to-world matrix of a camera on a ring that looks at the origin; z is up. */
export function ringMatrix(index: number, total: number): number[][] {
  const angle = (2 * Math.PI * index) / total;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [
    [-s, 0, c, 3 * c],
    [c, 0, s, 3 * s],
    [0, 1, 0, 0.5 + 0.1 * index],
    [0, 0, 0, 1],
  ];
}

export interface ColmapTestCamera {
  id: number;
  model: string;
  modelId: number;
  width: number;
  height: number;
  parameters: number[];
}

export interface ColmapTestImage {
  id: number;
  /** World-to-camera: w, x, y, z. */
  quaternion: number[];
  translation: number[];
  cameraId: number;
  name: string;
  /** x, y, point id. */
  features: number[][];
}

export interface ColmapTestPoint {
  id: number;
  position: number[];
  colour: number[];
}

export interface ColmapTestModel {
  cameras: ColmapTestCamera[];
  images: ColmapTestImage[];
  points: ColmapTestPoint[];
}

export function writeColmapText(folder: string, model: ColmapTestModel): void {
  const cameras = model.cameras.map((c) => [c.id, c.model, c.width, c.height, ...c.parameters].join(' '));
  const images = model.images.flatMap((i) => [
    [i.id, ...i.quaternion, ...i.translation, i.cameraId, i.name].join(' '),
    i.features.map((f) => f.join(' ')).join(' '),
  ]);
  const points = model.points.map((p) => [p.id, ...p.position, ...p.colour, 0.5, 1, 0, 2, 1].join(' '));
  writeTo(
    folder,
    'cameras.txt',
    `# Camera list\n#   CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]\n${cameras.join('\n')}\n`,
  );
  writeTo(folder, 'images.txt', `# Image list with two lines of data per image:\n${images.join('\n')}\n`);
  writeTo(folder, 'points3D.txt', `# 3D point list\n${points.join('\n')}\n`);
}

/** Little-endian numbers one after another. */
class ByteWriter {
  private readonly parts: Buffer[] = [];

  private push(size: number, write: (buffer: Buffer) => void): this {
    const buffer = Buffer.alloc(size);
    write(buffer);
    this.parts.push(buffer);
    return this;
  }

  int32 = (value: number) => this.push(4, (b) => void b.writeInt32LE(value));
  uint64 = (value: number) => this.push(8, (b) => void b.writeBigUInt64LE(BigInt(value)));
  int64 = (value: number) => this.push(8, (b) => void b.writeBigInt64LE(BigInt(value)));
  double = (value: number) => this.push(8, (b) => void b.writeDoubleLE(value));
  byte = (value: number) => this.push(1, (b) => void b.writeUInt8(value));
  text(value: string): this {
    this.parts.push(Buffer.from(`${value}\0`));
    return this;
  }

  bytes = () => Buffer.concat(this.parts);
}

export function writeColmapBinary(folder: string, model: ColmapTestModel): void {
  const cameras = new ByteWriter().uint64(model.cameras.length);
  for (const c of model.cameras) {
    cameras.int32(c.id).int32(c.modelId).uint64(c.width).uint64(c.height);
    for (const value of c.parameters) cameras.double(value);
  }
  const images = new ByteWriter().uint64(model.images.length);
  for (const i of model.images) {
    images.int32(i.id);
    for (const value of [...i.quaternion, ...i.translation]) images.double(value);
    images.int32(i.cameraId).text(i.name).uint64(i.features.length);
    for (const [x, y, point] of i.features) images.double(x).double(y).int64(point);
  }
  const points = new ByteWriter().uint64(model.points.length);
  for (const p of model.points) {
    points.uint64(p.id);
    for (const value of p.position) points.double(value);
    for (const value of p.colour) points.byte(value);
    points.double(0.5).uint64(2).int32(1).int32(0).int32(2).int32(1);
  }
  writeTo(folder, 'cameras.bin', cameras.bytes());
  writeTo(folder, 'images.bin', images.bytes());
  writeTo(folder, 'points3D.bin', points.bytes());
}
