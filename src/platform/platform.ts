/**
 * What langfield needs from the machine it runs on. Rooms other than platform/ and cli/ take these interfaces as
 * arguments and never import `node:` or touch the DOM, so the same code runs in Node and in the browser.
 */

/** Paths use "/" on every platform. All failures are LangfieldErrors that name the path. */
export interface FileSystem {
  readBytes(path: string): Promise<Uint8Array>;
  readText(path: string): Promise<string>;
  /** Reads `length` bytes from byte `offset`; an error when the file is shorter. */
  readRange(path: string, offset: number, length: number): Promise<Uint8Array>;
  /**
   * Same as readRange, blocking; for look-ups in the middle of a training step. In a browser only of files that were
   * written, read or looked at (`stat`) before.
   */
  readRangeSync(path: string, offset: number, length: number): Uint8Array;
  /** undefined when nothing is there. */
  stat(path: string): Promise<{ size: number; isDirectory: boolean; modifiedMs: number } | undefined>;
  /** Names (not paths) in a folder, sorted; an error when the folder is absent. */
  list(folder: string): Promise<string[]>;
  /** Writes beside the target and renames, so that a reader or a killed process never sees half a file. Makes parent folders. */
  writeAtomic(path: string, data: Uint8Array | string): Promise<void>;
  append(path: string, data: Uint8Array | string): Promise<void>;
  /** SHA-256 of a file without holding it in memory, where the machine can do that; sha256OfFile asks for it. */
  hashFile?(path: string): Promise<string>;
  makeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Interleaved pixels, row 0 at the top. */
export interface Image {
  width: number;
  height: number;
  /** 1 grey, 3 RGB, 4 RGBA (alpha not premultiplied). */
  channels: 1 | 3 | 4;
  /** [height, width, channels]; Uint16Array holds 16-bit samples with white = 65535. */
  data: Uint8Array | Uint16Array;
}

/** Codecs and resampling. Errors name `what` (the file) and what was found. */
export interface ImageCodec {
  /**
   * Decodes JPEG, PNG, WebP or AVIF to sRGB with 1, 3 or 4 channels. EXIF orientation is applied when
   * `orientation` is 'apply', and an error when it is 'refuse' and the tag is not the identity.
   */
  decode(bytes: Uint8Array, what: string, options?: { orientation?: 'apply' | 'refuse' | 'ignore' }): Promise<Image>;
  /** Size and EXIF orientation (1 = upright) without decoding the pixels. */
  probe(
    bytes: Uint8Array,
    what: string,
  ): Promise<{ width: number; height: number; orientation: number; format: string }>;
  encodePng(image: Image): Promise<Uint8Array>;
  encodeJpeg(image: Image, quality: number): Promise<Uint8Array>;
  /** Area-averaging for shrinking, bilinear for enlarging. */
  resize(image: Image, width: number, height: number): Promise<Image>;
  /** Rasterises SVG (paths only; no font is available) to RGBA. */
  rasteriseSvg(svg: string, width: number, height: number): Promise<Image>;
}

/** Where long work reports itself; the command line draws a bar with an ETA, tests collect it, the viewer shows it. */
export interface Progress {
  /** A stage of `total` units begins ("encoding tiles", 1219). */
  start(stage: string, total: number): void;
  /** `done` units are finished; `note` is a short status such as the loss. */
  update(done: number, note?: string): void;
  finish(note?: string): void;
  /** A line worth keeping. */
  log(line: string): void;
  /** Something the user should know but that does not stop the work. */
  warn(line: string): void;
}

export const silentProgress: Progress = {
  start() {},
  update() {},
  finish() {},
  log() {},
  warn() {},
};

/** Worker threads. `send` posts a message, which may hold shared memory. */
export interface WorkerHandle {
  send(message: unknown): void;
  /** The next message from the worker, in order; rejects when the worker dies. */
  receive(): Promise<unknown>;
  terminate(): Promise<void>;
}

export interface Platform {
  files: FileSystem;
  images: ImageCodec;
  /** Logical cores. */
  cores: number;
  now(): number;
  /** The compiled CPU kernels (relaxed SIMD where the engine has it). wideVectors false: without 256-bit vectors. */
  loadKernels(options?: { wideVectors?: boolean }): Promise<WebAssembly.Module>;
  /** A thread of the CPU engine, or one that renders built-in scenes. */
  spawnWorker(role: 'engine' | 'scene'): WorkerHandle;
  /** The entry to WebGPU, `navigator.gpu` in a browser; undefined where the machine has none. */
  openGpu(): Promise<GPU | undefined>;
  /**
   * False where there certainly is no GPU. Asking costs nothing, whereas opening one loads drivers, which write to the
   * terminal what they miss.
   */
  mayHaveGpu(): Promise<boolean>;
  /** A file shipped inside the package (fonts, the built-in encoder), by its path relative to the package root. */
  packagePath(relative: string): string;
}

/** What the CPU engine needs of the machine. */
export type CpuMachine = Pick<Platform, 'loadKernels'> & { spawnWorker(role: 'engine'): WorkerHandle };

/** What any engine needs of the machine. */
export type EngineMachine = CpuMachine & Pick<Platform, 'openGpu'>;

/** The codecs that reading captures and training need. */
export type PhotoCodec = Pick<ImageCodec, 'decode' | 'probe' | 'encodePng' | 'resize'>;

/** What training needs of the machine. */
export type TrainingMachine = EngineMachine & Pick<Platform, 'files' | 'cores' | 'now'> & { images: PhotoCodec };

export function joinPath(...parts: string[]): string {
  const joined = parts.filter((part) => part !== '').join('/');
  const absolute = joined.startsWith('/');
  const kept: string[] = [];
  for (const part of joined.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && kept.length > 0 && kept[kept.length - 1] !== '..') kept.pop();
    else kept.push(part);
  }
  return (absolute ? '/' : '') + kept.join('/') || (absolute ? '/' : '.');
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash) || '/';
}

/** SHA-256 as lower-case hex. */
export async function sha256(bytes: Uint8Array | string): Promise<string> {
  const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  const digest = await crypto.subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** SHA-256 of a file as lower-case hex. */
export async function sha256OfFile(path: string, files: FileSystem): Promise<string> {
  return files.hashFile ? files.hashFile(path) : sha256(await files.readBytes(path));
}
