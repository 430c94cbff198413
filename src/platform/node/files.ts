/**
 * The FileSystem interface on Node. Every failure becomes a LangfieldError that names the path and says what to do.
 * Atomic writes go to a temporary file in the same folder, are flushed to the disk and then renamed; we do this
 * ourselves because a single short write on a nearly full disk must be an error, never a truncated file.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, promises as fs, fsyncSync, openSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import process from 'node:process';
import { threadId } from 'node:worker_threads';
import { LangfieldError } from '../../errors.ts';
import { baseName, type FileSystem, folderOf, joinPath } from '../platform.ts';

/** What the operating system's error codes mean to the person at the keyboard. */
const meanings: Record<string, { problem: string; advice: string }> = {
  ENOENT: { problem: 'no such file or folder', advice: 'Check the path' },
  ENOTDIR: { problem: 'a part of this path is a file, not a folder', advice: 'Check the path' },
  EEXIST: { problem: 'a file or a broken link is in the way', advice: 'Choose another name, or remove it' },
  EISDIR: { problem: 'this is a folder, not a file', advice: 'Give the path of a file' },
  EACCES: { problem: 'permission denied', advice: 'Change the permissions or choose another place' },
  EPERM: { problem: 'permission denied', advice: 'Change the permissions or choose another place' },
  EROFS: { problem: 'the disk is read-only', advice: 'Choose a folder on another disk' },
  ENOSPC: { problem: 'the disk is full', advice: 'Free some space and run the same command again' },
  EDQUOT: { problem: 'your disk quota is used up', advice: 'Free some space and run the same command again' },
  EFBIG: { problem: 'the file is too large for this disk', advice: 'Choose a folder on another disk' },
  EMFILE: { problem: 'too many files are open', advice: 'Raise the limit with "ulimit -n 4096"' },
  ENFILE: { problem: 'too many files are open on this machine', advice: 'Close some programs' },
  ENAMETOOLONG: { problem: 'the file name is too long', advice: 'Choose a shorter name' },
  ENOTEMPTY: { problem: 'the folder is not empty', advice: 'Choose another name or remove the folder' },
  EIO: { problem: 'the disk reported an error', advice: 'Check the disk' },
};

function faultOf(error: unknown, path: string, verb: string): LangfieldError {
  if (error instanceof LangfieldError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const meaning = code === undefined ? undefined : meanings[code];
  return new LangfieldError(
    {
      problem: `cannot ${verb}: ${meaning?.problem ?? (error as Error).message}`,
      file: path,
      advice: meaning?.advice,
    },
    { cause: error },
  );
}

async function named<T>(path: string, verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw faultOf(error, path, verb);
  }
}

function tooShort(path: string, offset: number, length: number, got: number): LangfieldError {
  return new LangfieldError({
    problem: 'the file is shorter than it should be',
    file: path,
    found: `${offset + got} bytes`,
    expected: `at least ${offset + length} bytes`,
    advice: 'Remove it and make it again; a copy or a program may have been interrupted',
  });
}

/** Fills `target` from the file; returns how many bytes there were. */
async function fill(handle: FileHandle, target: Uint8Array, offset: number): Promise<number> {
  let done = 0;
  while (done < target.length) {
    // One read call moves at most 2 GiB.
    const length = Math.min(target.length - done, 2 ** 30);
    const { bytesRead } = await handle.read(target, done, length, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

async function withFile<T>(path: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await fs.open(path, 'r');
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  return withFile(path, async (handle) => {
    const { size } = await handle.stat();
    // Pipes and the like report no size.
    if (size === 0) return new Uint8Array(await handle.readFile());
    const bytes = new Uint8Array(size);
    const got = await fill(handle, bytes, 0);
    return got === size ? bytes : bytes.subarray(0, got);
  });
}

async function readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  return withFile(path, async (handle) => {
    const bytes = new Uint8Array(length);
    const got = await fill(handle, bytes, offset);
    if (got < length) throw tooShort(path, offset, length, got);
    return bytes;
  });
}

function readRangeSync(path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const descriptor = openSync(path, 'r');
  try {
    let done = 0;
    while (done < length) {
      const got = readSync(descriptor, bytes, done, Math.min(length - done, 2 ** 30), offset + done);
      if (got === 0) throw tooShort(path, offset, length, done);
      done += got;
    }
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}

/**
 * Makes a folder and those above it. Node's own `recursive` goes round for ever below a broken link or in /proc, where
 * the system says that a parent is missing which is there, and turns other reasons (a full disk) into that one.
 */
async function makeFolders(path: string): Promise<void> {
  if ((await stat(path))?.isDirectory) return;
  const parent = folderOf(path);
  if (parent !== path && (await stat(parent)) === undefined) await makeFolders(parent);
  try {
    await fs.mkdir(path);
  } catch (error) {
    // Another process may have made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await stat(path))?.isDirectory) throw error;
  }
}

let temporaryCount = 0;

/** Makes the rename itself durable; some file systems cannot open folders, and then there is nothing to flush. */
function flushFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, constants.O_RDONLY);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // The file itself is flushed already.
  }
}

async function writeAtomic(path: string, data: Uint8Array | string): Promise<void> {
  // A link stays a link: the file it points at is replaced.
  const target = await fs.realpath(path).catch(() => path);
  const folder = folderOf(target);
  await makeFolders(folder);
  const name = `.${baseName(target)}.${process.pid}-${threadId}-${temporaryCount++}.tmp`;
  const temporary = joinPath(folder, name);
  try {
    const handle = await fs.open(temporary, 'wx');
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, target);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  flushFolder(folder);
}

async function append(path: string, data: Uint8Array | string): Promise<void> {
  await makeFolders(folderOf(path));
  await fs.appendFile(path, data);
}

async function hashFile(path: string): Promise<string> {
  return withFile(path, async (handle) => {
    const hash = createHash('sha256');
    const piece = new Uint8Array(2 ** 22);
    for (let offset = 0; ; ) {
      const got = await fill(handle, piece, offset);
      hash.update(piece.subarray(0, got));
      if (got < piece.length) return hash.digest('hex');
      offset += got;
    }
  });
}

async function stat(path: string) {
  try {
    const found = await fs.stat(path);
    return { size: found.size, isDirectory: found.isDirectory(), modifiedMs: found.mtimeMs };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

export function nodeFiles(): FileSystem {
  return {
    readBytes: (path) => named(path, 'read', () => readBytes(path)),
    readText: (path) => named(path, 'read', () => fs.readFile(path, 'utf8')),
    readRange: (path, offset, length) => named(path, 'read', () => readRange(path, offset, length)),
    readRangeSync(path, offset, length) {
      try {
        return readRangeSync(path, offset, length);
      } catch (error) {
        throw faultOf(error, path, 'read');
      }
    },
    stat: (path) => named(path, 'look at', () => stat(path)),
    list: (folder) => named(folder, 'list', async () => (await fs.readdir(folder)).sort()),
    writeAtomic: (path, data) => named(path, 'write', () => writeAtomic(path, data)),
    append: (path, data) => named(path, 'write', () => append(path, data)),
    hashFile: (path) => named(path, 'read', () => hashFile(path)),
    makeFolder: (path) => named(path, 'make the folder', () => makeFolders(path)),
    rename: (from, to) => named(from, 'rename', () => fs.rename(from, to)),
    remove: (path) => named(path, 'remove', () => fs.rm(path, { recursive: true, force: true })),
  };
}
