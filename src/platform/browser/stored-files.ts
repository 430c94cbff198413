/**
 * The files that a browser keeps for a page's origin (its origin private file system) as a FileSystem: what is trained in a
 * tab lies there and outlives the tab. Nothing of it is visible to other origins, nor in the visitor's own folders; a
 * visitor who clears the site's data clears it.
 */
import { LangfieldError } from '../../errors.ts';
import { baseName, type FileSystem, folderOf, joinPath } from '../platform.ts';

/** What the browser's errors mean to the person at the page, by their names. */
const meanings: Record<string, { problem: string; advice: string }> = {
  NotFoundError: { problem: 'no such file or folder', advice: 'Check the path' },
  TypeMismatchError: {
    problem: 'a file is where a folder should be, or the other way round',
    advice: 'Check the path',
  },
  QuotaExceededError: { problem: 'the browser gives this site no more room', advice: 'Free some space, then go on' },
  NoModificationAllowedError: { problem: 'another tab is writing this file', advice: 'Close the other tab' },
};

function faultOf(error: unknown, path: string, verb: string): LangfieldError {
  if (error instanceof LangfieldError) return error;
  const { name, message } = error as Error;
  const { problem = message, advice } = meanings[name] ?? {};
  return new LangfieldError({ problem: `cannot ${verb}: ${problem}`, file: path, advice }, { cause: error });
}

async function named<T>(path: string, verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw faultOf(error, path, verb);
  }
}

/** undefined instead of an error when nothing of that kind is there. */
async function found<T>(handle: Promise<T>): Promise<T | undefined> {
  try {
    return await handle;
  } catch (error) {
    if (['NotFoundError', 'TypeMismatchError'].includes((error as Error).name)) return undefined;
    throw error;
  }
}

/** All browsers with such files can move one to another name; TypeScript does not know it yet. */
type MovableFile = FileSystemFileHandle & { move(folder: FileSystemDirectoryHandle, name: string): Promise<void> };

const segments = (path: string): string[] =>
  joinPath(path)
    .split('/')
    .filter((part) => part !== '' && part !== '.');

class StoredFolder {
  readonly #root: FileSystemDirectoryHandle;
  /** Files as they were when they were last looked at, by path: handles cannot be opened without waiting. */
  readonly #seen = new Map<string, File>();

  constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
  }

  async folder(path: string, create = false): Promise<FileSystemDirectoryHandle> {
    let folder = this.#root;
    for (const name of segments(path)) folder = await folder.getDirectoryHandle(name, { create });
    return folder;
  }

  async file(path: string, create = false): Promise<FileSystemFileHandle> {
    const folder = await this.folder(folderOf(path), create);
    return folder.getFileHandle(baseName(joinPath(path)), { create });
  }

  async blob(path: string): Promise<File> {
    const file = await (await this.file(path)).getFile();
    this.#seen.set(joinPath(path), file);
    return file;
  }

  /** The file as it was when it was last looked at. */
  seen(path: string): File | undefined {
    return this.#seen.get(joinPath(path));
  }

  /** What lies at the path, or below it, becomes something else. */
  forget(path: string): void {
    const name = joinPath(path);
    for (const known of this.#seen.keys()) if (known === name || known.startsWith(`${name}/`)) this.#seen.delete(known);
  }
}

/** A request that blocks is the one way in which a page, too, reads a blob without waiting. */
function readNow(blob: Blob): Uint8Array {
  const url = URL.createObjectURL(blob);
  try {
    const request = new XMLHttpRequest();
    request.open('GET', url, false);
    // Every byte as a character of its own: a page may not ask such a request for bytes.
    request.overrideMimeType('text/plain; charset=x-user-defined');
    request.send();
    const text = request.responseText;
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function readRangeSync(stored: StoredFolder, path: string, offset: number, length: number): Uint8Array {
  const file = stored.seen(path);
  if (file === undefined)
    throw new LangfieldError({
      problem: 'a file of the browser can be read without waiting only after it was looked at or written',
      file: path,
      advice: 'Call stat before',
    });
  if (file.size < offset + length) throw tooShort(path, file.size, offset + length);
  return readNow(file.slice(offset, offset + length));
}

const tooShort = (path: string, found: number, expected: number) =>
  new LangfieldError({
    problem: 'the file is shorter than it should be',
    file: path,
    found: `${found} bytes`,
    expected: `at least ${expected} bytes`,
    advice: 'Remove it and make it again',
  });

/** Writes beside the target first: a file that is made is there, and empty, before it is written. */
async function writeAtomic(stored: StoredFolder, path: string, data: Uint8Array | string): Promise<void> {
  stored.forget(path);
  const folder = await stored.folder(folderOf(path), true);
  const name = baseName(joinPath(path));
  const beside = `.${name}.${crypto.randomUUID()}.tmp`;
  const handle = (await folder.getFileHandle(beside, { create: true })) as MovableFile;
  try {
    const stream = await handle.createWritable();
    await stream.write(data as Uint8Array<ArrayBuffer> | string);
    await stream.close();
    await handle.move(folder, name);
    await stored.blob(path);
  } catch (error) {
    await found(folder.removeEntry(beside));
    throw error;
  }
}

async function append(stored: StoredFolder, path: string, data: Uint8Array | string): Promise<void> {
  stored.forget(path);
  const handle = await stored.file(path, true);
  const { size } = await handle.getFile();
  const stream = await handle.createWritable({ keepExistingData: true });
  await stream.seek(size);
  await stream.write(data as Uint8Array<ArrayBuffer> | string);
  await stream.close();
}

async function stat(stored: StoredFolder, path: string) {
  const file = segments(path).length > 0 ? await found(stored.blob(path)) : undefined;
  if (file) return { size: file.size, isDirectory: false, modifiedMs: file.lastModified };
  return (await found(stored.folder(path))) ? { size: 0, isDirectory: true, modifiedMs: 0 } : undefined;
}

async function readRange(stored: StoredFolder, path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await stored.blob(path);
  if (file.size < offset + length) throw tooShort(path, file.size, offset + length);
  return new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
}

async function remove(stored: StoredFolder, path: string): Promise<void> {
  stored.forget(path);
  const folder = await found(stored.folder(folderOf(path)));
  if (folder) await found(folder.removeEntry(baseName(joinPath(path)), { recursive: true }));
}

/** @param root the folder that "/" and "." stand for; the whole of the origin's unless given */
export async function storedFiles(root?: FileSystemDirectoryHandle): Promise<FileSystem> {
  const stored = new StoredFolder(root ?? (await named('/', 'open', () => navigator.storage.getDirectory())));
  return {
    readBytes: (path) => named(path, 'read', async () => new Uint8Array(await (await stored.blob(path)).arrayBuffer())),
    readText: (path) => named(path, 'read', async () => (await stored.blob(path)).text()),
    readRange: (path, offset, length) => named(path, 'read', () => readRange(stored, path, offset, length)),
    readRangeSync(path, offset, length) {
      try {
        return readRangeSync(stored, path, offset, length);
      } catch (error) {
        throw faultOf(error, path, 'read');
      }
    },
    stat: (path) => named(path, 'look at', () => stat(stored, path)),
    list: (folder) =>
      named(folder, 'list', async () => {
        const names: string[] = [];
        for await (const name of (await stored.folder(folder)).keys()) names.push(name);
        return names.sort();
      }),
    writeAtomic: (path, data) => named(path, 'write', () => writeAtomic(stored, path, data)),
    append: (path, data) => named(path, 'write', () => append(stored, path, data)),
    makeFolder: (path) => named(path, 'make the folder', async () => void (await stored.folder(path, true))),
    rename: (from, to) =>
      named(from, 'rename', async () => {
        const handle = (await stored.file(from)) as MovableFile;
        for (const path of [from, to]) stored.forget(path);
        await handle.move(await stored.folder(folderOf(to), true), baseName(joinPath(to)));
      }),
    remove: (path) => named(path, 'remove', () => remove(stored, path)),
  };
}
