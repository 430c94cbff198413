/**
 * Files of a web server or a static host as a FileSystem that only reads. HTTP cannot list folders or tell sizes
 * reliably, so a list of the files that are there comes with them.
 */
import { LangfieldError } from '../../errors.ts';
import { type FileSystem, joinPath } from '../platform.ts';

export interface ListedFile {
  /** Path below the base, with "/". */
  path: string;
  size: number;
}

export interface HttpFilesOptions {
  /** Bytes of a file that have come so far; `total` is its listed size. */
  onBytes?(path: string, loaded: number, total: number): void;
}

/** @param base URL that ends with "/" */
export function httpFiles(base: string, listed: readonly ListedFile[], options: HttpFilesOptions = {}): FileSystem {
  const sizes = new Map(listed.map(({ path, size }) => [path, size]));
  const readBytes = async (path: string): Promise<Uint8Array> => {
    const name = joinPath(path);
    const size = sizes.get(name);
    if (size === undefined) throw missing(base + name, 'the file is not part of this scene');
    return download(base + name, size, (loaded) => options.onBytes?.(name, loaded, size));
  };
  const readRange = async (path: string, offset: number, length: number) => {
    const bytes = await readBytes(path);
    if (offset + length > bytes.length) throw missing(base + path, 'the file is shorter than expected');
    return bytes.subarray(offset, offset + length);
  };
  const readOnly = async (path: string): Promise<never> => {
    throw new LangfieldError({ problem: 'a web page cannot write here', file: base + path });
  };
  return {
    readBytes,
    readText: async (path) => new TextDecoder().decode(await readBytes(path)),
    readRange,
    readRangeSync(path) {
      throw new LangfieldError({ problem: 'a file on a web server cannot be read without waiting', file: base + path });
    },
    async stat(path) {
      const name = joinPath(path);
      const size = sizes.get(name);
      if (size !== undefined) return { size, isDirectory: false, modifiedMs: 0 };
      const isDirectory = listed.some((file) => file.path.startsWith(`${name}/`));
      return isDirectory ? { size: 0, isDirectory, modifiedMs: 0 } : undefined;
    },
    async list(folder) {
      const prefix = joinPath(folder) === '.' ? '' : `${joinPath(folder)}/`;
      const below = listed.filter(({ path }) => path.startsWith(prefix));
      if (below.length === 0) throw missing(base + folder, 'the folder is not part of this scene');
      return [...new Set(below.map(({ path }) => path.slice(prefix.length).split('/')[0]))].sort();
    },
    writeAtomic: readOnly,
    append: readOnly,
    makeFolder: readOnly,
    rename: readOnly,
    remove: readOnly,
  };
}

const missing = (file: string, problem: string) =>
  new LangfieldError({
    problem,
    file,
    advice: 'Reload the page; if that does not help, export or serve the run again',
  });

/** Reads into one buffer of the listed size, so that a large scene is never in memory twice. */
async function download(url: string, size: number, onLoaded: (loaded: number) => void): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new LangfieldError(
      { problem: 'the file could not be fetched', file: url, advice: 'Is the server still running? Then reload' },
      { cause },
    );
  }
  if (!response.ok || response.body === null) throw missing(url, `the server answered with status ${response.status}`);
  const bytes = new Uint8Array(size);
  let loaded = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (loaded + part.value.length > size) throw missing(url, 'the file is longer than listed: the scene has changed');
    bytes.set(part.value, loaded);
    loaded += part.value.length;
    onLoaded(loaded);
  }
  if (loaded !== size) throw missing(url, 'the file is shorter than listed: the scene has changed');
  return bytes;
}
