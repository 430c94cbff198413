import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser } from './open-browser.ts';

const path = process.env.PATH;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-open-'));
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** The system's opener, replaced by a script. */
function replaceOpener(script: string): void {
  const file = join(folder, process.platform === 'darwin' ? 'open' : 'xdg-open');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  process.env.PATH = `${folder}${delimiter}${path}`;
}

describe.skipIf(process.platform === 'win32')('opening the page', () => {
  const url = 'http://127.0.0.1:7788/?token=a-b_c&x=$(touch gone)';

  it('hands the address to the system, as it is', async () => {
    const written = join(folder, 'address');
    replaceOpener(`printf %s "$1" > ${written}`);
    expect(await openBrowser(url)).toBe(true);
    expect(readFileSync(written, 'utf8')).toBe(url);
    expect(existsSync('gone')).toBe(false);
  });

  it('is no error where there is no browser', async () => {
    replaceOpener('exit 3');
    expect(await openBrowser(url)).toBe(false);
    process.env.PATH = '';
    expect(await openBrowser(url)).toBe(false);
  });
});
