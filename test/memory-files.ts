/**
 * A FileSystem in memory for tests: quick, and able to fail on purpose. It keeps the interface's promise that a
 * failed write leaves the old file as it was.
 */
import { LangfieldError } from '../src/errors.ts';
import { type FileSystem, folderOf } from '../src/platform/platform.ts';

export interface MemoryFiles extends FileSystem {
  contents: Map<string, Uint8Array>;
  /** Called before every write; what it throws is the failure of that write. */
  beforeWrite: (path: string) => void;
}

export function diskFull(path: string): LangfieldError {
  return new LangfieldError({ problem: 'cannot write: the disk is full', file: path, advice: 'Free some space' });
}

export function memoryFiles(): MemoryFiles {
  const contents = new Map<string, Uint8Array>();
  const folders = new Set<string>();
  const need = (path: string): Uint8Array => {
    const bytes = contents.get(path);
    if (bytes === undefined) throw new LangfieldError({ problem: 'no such file or folder', file: path });
    return bytes;
  };
  const range = (path: string, offset: number, length: number) => {
    const bytes = need(path);
    if (offset + length > bytes.length) throw new LangfieldError({ problem: 'the file is shorter', file: path });
    return bytes.slice(offset, offset + length);
  };
  const under = (path: string, folder: string) => path.startsWith(`${folder}/`);
  const isFolder = (path: string) => folders.has(path) || [...contents.keys()].some((key) => under(key, path));
  const files: MemoryFiles = {
    contents,
    beforeWrite: () => {},
    readBytes: async (path) => need(path).slice(),
    readText: async (path) => new TextDecoder().decode(need(path)),
    readRange: async (path, offset, length) => range(path, offset, length),
    readRangeSync: range,
    async stat(path) {
      const bytes = contents.get(path);
      if (bytes !== undefined) return { size: bytes.length, isDirectory: false, modifiedMs: 0 };
      return isFolder(path) ? { size: 0, isDirectory: true, modifiedMs: 0 } : undefined;
    },
    async list(folder) {
      if (!isFolder(folder)) throw new LangfieldError({ problem: 'no such file or folder', file: folder });
      const inside = [...contents.keys()].filter((key) => under(key, folder));
      return [...new Set(inside.map((key) => key.slice(folder.length + 1).split('/')[0]))].sort();
    },
    async writeAtomic(path, data) {
      files.beforeWrite(path);
      folders.add(folderOf(path));
      contents.set(path, typeof data === 'string' ? new TextEncoder().encode(data) : data.slice());
    },
    async append(path, data) {
      files.beforeWrite(path);
      const more = typeof data === 'string' ? new TextEncoder().encode(data) : data;
      contents.set(path, Uint8Array.from([...(contents.get(path) ?? []), ...more]));
    },
    async makeFolder(path) {
      folders.add(path);
    },
    async rename(from, to) {
      contents.set(to, need(from));
      contents.delete(from);
    },
    async remove(path) {
      for (const key of [...contents.keys()]) if (key === path || under(key, path)) contents.delete(key);
      folders.delete(path);
    },
  };
  return files;
}
