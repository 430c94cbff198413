/**
 * Embeddings on disk: NPY files of halves, laid out per photo and level as LERF stores them (spec §1.4, edge
 * replicated), but keyed by content, never by name:
 *
 *   <cache>/<encoder>-<key>/manifest.json                   what the key stands for: encoder and choice of tiles
 *   <cache>/<encoder>-<key>/<photo>/level_<i>.npy           [rows + 1, cols + 1, D]
 *   <cache>/<encoder>-<key>/<photo>/regions.npy             [n, D] region tiles, whatever map or prior they came from
 *   <cache>/<encoder>-<key>/<photo>/regions.squares.npy     [n, 9] which squares of the photo they are
 *   <cache>/region-index/<maps>.npy                         [H, W] combination of regions at each pixel
 *   <cache>/dense-<key>/<photo>.npy                         [rows, cols, D]
 *
 * `photo` is the hash of the image file, `maps` of the region maps. Region tiles lie with the full choice of tiles,
 * whatever choice they were encoded beside. Every file is written atomically; a file whose
 * header or size is not what it must be counts as absent and is built again.
 */

import { floatsToHalves, halvesToFloats } from '../formats/half.ts';
import {
  decodeNpy,
  decodeNpyData,
  encodeNpy,
  encodeNpyHeader,
  npyHeaderProbe,
  parseNpyHeader,
} from '../formats/npy.ts';
import { type FileSystem, joinPath, sha256 } from '../platform/platform.ts';
import { squareKeyLength } from './cut-tiles.ts';
import { type TileChoice, tileChoiceNames } from './tile-choice.ts';
import { type LevelGeometry, tileRatios } from './tile-geometry.ts';

/** Raised when the same inputs give other files. */
const storeVersion = 1;

/** What the store needs to know of an encoder. */
export interface StoredEncoder {
  name: string;
  dim: number;
  identity: string;
  dense?: { dim: number; identity: string };
}

export interface RegionEmbeddings {
  /** Keys of the squares (cut-tiles.ts) in the order of the embeddings. */
  squares: number[][];
  /** [squares, dim] halves. */
  halves: Uint16Array;
}

interface StoreFolders {
  /** The tiles that are asked for. */
  choice: TileChoice;
  tiles: Record<TileChoice, string>;
  dense: string;
}

export class EmbeddingStore {
  readonly dim: number;
  readonly denseDim: number;
  private readonly files: FileSystem;
  private readonly cacheFolder: string;
  private readonly choice: TileChoice;
  private readonly tileFolders: Record<TileChoice, string>;
  private readonly denseFolder: string;

  private constructor(files: FileSystem, cacheFolder: string, encoder: StoredEncoder, folders: StoreFolders) {
    this.files = files;
    this.cacheFolder = cacheFolder;
    this.dim = encoder.dim;
    this.denseDim = encoder.dense?.dim ?? 0;
    this.choice = folders.choice;
    this.tileFolders = folders.tiles;
    this.denseFolder = folders.dense;
  }

  static async open(
    files: FileSystem,
    cacheFolder: string,
    encoder: StoredEncoder,
    choice: TileChoice = 'full',
  ): Promise<EmbeddingStore> {
    const label = encoder.name.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 40);
    const tiles = {} as Record<TileChoice, string>;
    for (const each of tileChoiceNames) {
      const key = await sha256(JSON.stringify([describeTiles(each), encoder.identity, encoder.dim]));
      tiles[each] = joinPath(cacheFolder, `${label}-${key.slice(0, 16)}`);
    }
    const denseKey = await sha256(JSON.stringify([storeVersion, encoder.dense?.identity, encoder.dense?.dim]));
    const dense = joinPath(cacheFolder, `dense-${denseKey.slice(0, 16)}`);
    for (const used of new Set<TileChoice>([choice, 'full'])) {
      const manifest = { format: 'langfield embeddings', tiles: describeTiles(used), encoder };
      const path = joinPath(tiles[used], 'manifest.json');
      if (!(await files.stat(path))) await files.writeAtomic(path, `${JSON.stringify(manifest, null, 2)}\n`);
    }
    return new EmbeddingStore(files, cacheFolder, encoder, { choice, tiles, dense });
  }

  async hasLevel(photo: string, level: LevelGeometry): Promise<boolean> {
    return this.isIntact(this.levelPath(photo, level.level), this.levelShape(level));
  }

  /** `embeddings` [rows · cols, dim], row-major; the last column, then the last row are stored twice. */
  async writeLevel(photo: string, level: LevelGeometry, embeddings: Float32Array): Promise<void> {
    const { dim } = this;
    const { rows, cols } = level;
    const stored = new Uint16Array((rows + 1) * (cols + 1) * dim);
    for (let row = 0; row < rows; row++) {
      const start = row * (cols + 1) * dim;
      floatsToHalves(
        embeddings.subarray(row * cols * dim, (row + 1) * cols * dim),
        stored.subarray(start, start + cols * dim),
      );
      stored.copyWithin(start + cols * dim, start + (cols - 1) * dim, start + cols * dim);
    }
    stored.copyWithin(rows * (cols + 1) * dim, (rows - 1) * (cols + 1) * dim, rows * (cols + 1) * dim);
    await this.write(this.levelPath(photo, level.level), stored, this.levelShape(level), '<f2');
  }

  /** Other choices of tiles for which this level is there. */
  async otherChoices(photo: string, level: LevelGeometry): Promise<TileChoice[]> {
    const found: TileChoice[] = [];
    for (const choice of tileChoiceNames)
      if (
        choice !== this.choice &&
        (await this.isIntact(this.levelPath(photo, level.level, choice), this.levelShape(level)))
      )
        found.push(choice);
    return found;
  }

  /** A level that is there, as floats [rows · cols, dim]. */
  async readLevel(photo: string, level: LevelGeometry, choice = this.choice): Promise<Float32Array> {
    const { dim } = this;
    const { rows, cols } = level;
    const path = this.levelPath(photo, level.level, choice);
    const halves = decodeNpy(await this.files.readBytes(path), path).data as Uint16Array;
    const embeddings = new Float32Array(rows * cols * dim);
    for (let row = 0; row < rows; row++) {
      const start = row * (cols + 1) * dim;
      embeddings.set(halvesToFloats(halves.subarray(start, start + cols * dim)), row * cols * dim);
    }
    return embeddings;
  }

  /** [cols + 1, dim] halves of one grid row, read while a training step waits. */
  readLevelRow(photo: string, level: LevelGeometry, row: number): Uint16Array {
    return this.readRow(this.levelPath(photo, level.level), this.levelShape(level), row);
  }

  /** Region tiles that have an embedding so far; none when the files are absent or damaged. */
  async readRegions(photo: string): Promise<RegionEmbeddings> {
    const none = { squares: [], halves: new Uint16Array(0) };
    const path = this.regionsPath(photo);
    if (!(await this.files.stat(path)) || !(await this.files.stat(squaresPath(path)))) return none;
    try {
      const embeddings = decodeNpy(await this.files.readBytes(path), path);
      const squares = decodeNpy(await this.files.readBytes(squaresPath(path)), squaresPath(path));
      const [count, dim] = embeddings.shape;
      if (embeddings.dtype !== '<f2' || dim !== this.dim) return none;
      if (squares.shape[0] < count || squares.shape[1] !== squareKeyLength) return none;
      const key = (k: number) => Array.from(squares.data.slice(k * squareKeyLength, (k + 1) * squareKeyLength), Number);
      return { squares: Array.from({ length: count }, (_, k) => key(k)), halves: embeddings.data as Uint16Array };
    } catch {
      // Damaged files are built again; the next write replaces them.
      return none;
    }
  }

  /**
   * Replaces the stored region tiles. New ones must come after those stored before: squares are written first, so a
   * process that dies between the two files leaves more squares than embeddings, of which readRegions takes the
   * beginning.
   */
  async writeRegions(photo: string, { squares, halves }: RegionEmbeddings): Promise<void> {
    const path = this.regionsPath(photo);
    await this.write(squaresPath(path), Int32Array.from(squares.flat()), [squares.length, squareKeyLength], '<i4');
    await this.write(path, halves, [squares.length, this.dim], '<f2');
  }

  /** The first `count` embeddings of a file known to be there, while a training step waits: [count, dim] halves. */
  readRegionHalves(photo: string, count: number): Uint16Array {
    return this.readRange(this.regionsPath(photo), [count, this.dim], 0, count * this.dim);
  }

  async hasRegionIndex(maps: string, width: number, height: number): Promise<boolean> {
    return this.isIntact(this.regionIndexPath(maps), [height, width], '<u2');
  }

  /** `index` [height, width]: the combination of regions at each pixel (region-stack.ts). */
  async writeRegionIndex(maps: string, width: number, height: number, index: Uint16Array): Promise<void> {
    await this.write(this.regionIndexPath(maps), index, [height, width], '<u2');
  }

  /** [rows, width] from row `first` on. */
  readRegionIndexRows(maps: string, width: number, height: number, first: number, rows: number): Uint16Array {
    return this.readRange(this.regionIndexPath(maps), [height, width], first * width, rows * width, '<u2');
  }

  /** Grid of the stored dense features of a photo, or undefined when there are none. */
  async denseGrid(photo: string): Promise<{ rows: number; cols: number } | undefined> {
    const path = this.densePath(photo);
    const size = (await this.files.stat(path))?.size;
    if (size === undefined) return undefined;
    try {
      const header = parseNpyHeader(await this.files.readRange(path, 0, Math.min(size, npyHeaderProbe)), path);
      const [rows, cols, dim] = header.shape;
      const intact = header.fileSize === size && dim === this.denseDim && header.dtype === '<f2';
      return intact ? { rows, cols } : undefined;
    } catch {
      return undefined;
    }
  }

  async writeDense(photo: string, rows: number, cols: number, features: Float32Array): Promise<void> {
    await this.write(this.densePath(photo), floatsToHalves(features), [rows, cols, this.denseDim], '<f2');
  }

  /** [cols, denseDim] halves. */
  readDenseRow(photo: string, grid: { rows: number; cols: number }, row: number): Uint16Array {
    return this.readRow(this.densePath(photo), [grid.rows, grid.cols, this.denseDim], row);
  }

  private levelPath(photo: string, level: number, choice = this.choice): string {
    return joinPath(this.tileFolders[choice], photo.slice(0, 32), `level_${level}.npy`);
  }

  private regionsPath(photo: string): string {
    return joinPath(this.tileFolders.full, photo.slice(0, 32), 'regions.npy');
  }

  private regionIndexPath(maps: string): string {
    return joinPath(this.cacheFolder, 'region-index', `${maps.slice(0, 32)}.npy`);
  }

  private densePath(photo: string): string {
    return joinPath(this.denseFolder, `${photo.slice(0, 32)}.npy`);
  }

  private levelShape(level: LevelGeometry): number[] {
    return [level.rows + 1, level.cols + 1, this.dim];
  }

  /** Row `row` along the first axis. */
  private readRow(path: string, shape: number[], row: number): Uint16Array {
    const length = shape.slice(1).reduce((product, size) => product * size, 1);
    return this.readRange(path, shape, row * length, length);
  }

  /** `length` numbers from number `first` of a file written by this store. */
  private readRange(path: string, shape: number[], first: number, length: number, dtype = '<f2'): Uint16Array {
    const offset = encodeNpyHeader(shape, dtype).length + 2 * first;
    return decodeNpyData(this.files.readRangeSync(path, offset, 2 * length), dtype) as Uint16Array;
  }

  private async isIntact(path: string, shape: number[], dtype = '<f2'): Promise<boolean> {
    const header = encodeNpyHeader(shape, dtype);
    const size = (await this.files.stat(path))?.size;
    if (size !== header.length + 2 * shape.reduce((product, axis) => product * axis, 1)) return false;
    const found = await this.files.readRange(path, 0, header.length);
    return header.every((byte, i) => found[i] === byte);
  }

  private async write(path: string, data: Uint16Array | Int32Array, shape: number[], dtype: string): Promise<void> {
    await this.files.writeAtomic(path, encodeNpy(data, shape, dtype));
  }
}

/** What the key of a folder of tiles stands for, beside the encoder. */
function describeTiles(choice: TileChoice) {
  const tiles = { version: storeVersion, ratios: tileRatios, strideRatios: [1, 0.5], padding: 'zeros, side / 2' };
  // The full choice has no entry: its folders are older than the others.
  return choice === 'full' ? tiles : { ...tiles, encoded: choice };
}

function squaresPath(regionsPath: string): string {
  return regionsPath.replace(/\.npy$/, '.squares.npy');
}
