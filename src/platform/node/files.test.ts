import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LangfieldError } from '../../errors.ts';
import { nodeFiles } from './files.ts';

const files = nodeFiles();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-files-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('reading', () => {
  it('whole files, ranges, folders', async () => {
    const path = `${folder}/bytes.bin`;
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
    await files.writeAtomic(path, bytes);
    expect(await files.readBytes(path)).toEqual(bytes);
    expect(await files.readRange(path, 10, 5)).toEqual(bytes.slice(10, 15));
    expect(files.readRangeSync(path, 95, 5)).toEqual(bytes.slice(95));
    expect(await files.stat(path)).toMatchObject({ size: 100, isDirectory: false });
    expect(await files.stat(`${folder}/nothing`)).toBeUndefined();
    expect(await files.stat(`${path}/below-a-file`)).toBeUndefined();
    await files.makeFolder(`${folder}/list`);
    for (const name of ['b', 'a', 'B']) await files.append(`${folder}/list/${name}`, 'x');
    expect(await files.list(`${folder}/list`)).toEqual(['B', 'a', 'b']);
  });

  it('a range past the end is an error, blocking or not', async () => {
    const path = `${folder}/short.bin`;
    await files.writeAtomic(path, new Uint8Array(10));
    await expect(files.readRange(path, 8, 4)).rejects.toThrow(/short\.bin.*found 10 bytes.*at least 12/);
    expect(() => files.readRangeSync(path, 8, 4)).toThrow(/short\.bin.*found 10 bytes.*at least 12/);
  });

  it('names the path of a missing file and gives advice', async () => {
    // Begun one at a time: a promise that rejects before anyone waits for it would end the test process.
    for (const attempt of [
      () => files.readBytes(`${folder}/no.bin`),
      () => files.readText(`${folder}/no.bin`),
      () => files.readRange(`${folder}/no.bin`, 0, 1),
      () => files.rename(`${folder}/no.bin`, `${folder}/other`),
      () => files.list(`${folder}/no.bin`),
    ]) {
      const begun = attempt();
      await expect(begun).rejects.toThrow(LangfieldError);
      await expect(begun).rejects.toThrow(/no\.bin: cannot .*no such file or folder\. Check the path\./);
    }
    expect(() => files.readRangeSync(`${folder}/no.bin`, 0, 1)).toThrow(/no such file or folder/);
    await expect(files.readBytes(folder)).rejects.toThrow(/this is a folder/);
  });
});

describe('writing', () => {
  it('makes parent folders, replaces, leaves no temporary files', async () => {
    const path = `${folder}/deep/er/file.txt`;
    await files.writeAtomic(path, 'one');
    await files.writeAtomic(path, 'two');
    await files.append(path, ', three');
    expect(await files.readText(path)).toBe('two, three');
    expect(readdirSync(`${folder}/deep/er`)).toEqual(['file.txt']);
    await files.remove(`${folder}/deep`);
    expect(await files.stat(`${folder}/deep`)).toBeUndefined();
    await files.remove(`${folder}/deep`);
  });

  it('names what stands in the way of a folder, and never hangs there', async () => {
    writeFileSync(`${folder}/plain`, '');
    symlinkSync(`${folder}/gone`, `${folder}/broken`);
    await expect(files.makeFolder(`${folder}/plain`)).rejects.toThrow(/plain: .*in the way\. Choose another name/);
    await expect(files.makeFolder(`${folder}/plain/deeper/still`)).rejects.toThrow(/a part of this path is a file/);
    await expect(files.makeFolder(`${folder}/broken/deeper`)).rejects.toThrow(/broken link is in the way/);
    await Promise.all(['a', 'a/b', 'a/b/c/'].map((path) => files.makeFolder(`${folder}/raced/${path}`)));
    expect(await files.stat(`${folder}/raced/a/b/c`)).toMatchObject({ isDirectory: true });
  });

  it.skipIf(process.platform !== 'linux')(
    'is refused by the system below /proc without going round for ever',
    async () => {
      await expect(files.makeFolder('/proc/langfield/run')).rejects.toThrow(/cannot make the folder/);
    },
  );

  it('many writers at once leave one whole file', async () => {
    const path = `${folder}/contested.txt`;
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(5000));
    await Promise.all(texts.map((text) => files.writeAtomic(path, text)));
    expect(texts).toContain(await files.readText(path));
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('a failed write leaves the old file and no litter', async () => {
    // A folder stands where the file should go, so the final rename fails.
    await files.makeFolder(`${folder}/taken/inside`);
    await expect(files.writeAtomic(`${folder}/taken`, 'x')).rejects.toThrow(/taken: cannot write/);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await files.stat(`${folder}/taken/inside`)).toMatchObject({ isDirectory: true });
  });

  it('writes through a symbolic link', async () => {
    writeFileSync(`${folder}/real.txt`, 'old');
    symlinkSync(`${folder}/real.txt`, `${folder}/link.txt`);
    await files.writeAtomic(`${folder}/link.txt`, 'new');
    expect(readFileSync(`${folder}/real.txt`, 'utf8')).toBe('new');
  });

  it.skipIf(process.getuid?.() === 0)('a folder without permission says so', async () => {
    await files.makeFolder(`${folder}/locked`);
    chmodSync(`${folder}/locked`, 0o500);
    await expect(files.writeAtomic(`${folder}/locked/a`, 'x')).rejects.toThrow(/permission denied\. Change/);
  });

  it.skipIf(process.platform !== 'linux')('a full disk is named and advised on', async () => {
    await expect(files.append('/dev/full', 'x')).rejects.toThrow(/cannot write: the disk is full\. Free some space/);
  });
});
