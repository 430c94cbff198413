import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunFixture, writeRunFixture } from '../../test/run-folder-fixture.ts';
import { openRunHead } from '../field/run-folder.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { exportSite } from './export-site.ts';
import { describeSite, findTextSource, type Site } from './site.ts';

const platform = nodePlatform();
let fixture: RunFixture;
let site: Site;
let page: { folder: string; files: string[] };
beforeAll(async () => {
  fixture = await writeRunFixture(platform);
  const text = await findTextSource(await openRunHead(fixture.run, platform.files), fixture.encoder, platform);
  site = await describeSite(fixture.run, text, platform);
  const folder = join(fixture.root, 'page');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), 'the page');
  writeFileSync(join(folder, 'assets', 'main-1.js'), 'one');
  page = { folder, files: ['assets/main-1.js', 'index.html'] };
});
afterAll(() => rmSync(fixture.root, { recursive: true }));

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

it('writes page and scene, replaces an earlier export, and leaves nothing of it behind', async () => {
  const out = join(fixture.root, 'web');
  const first = await exportSite(site, page, out, platform, silentProgress);
  const expected = [...page.files, ...[...site.files.keys()].map((path) => `scene/${path}`)].sort();
  expect(filesOf(out)).toEqual(expected);
  expect(first.files).toBe(expected.length);
  expect(first.bytes).toBe(expected.reduce((sum, path) => sum + statSync(join(out, path)).size, 0));
  expect(readFileSync(join(out, 'scene', 'scene.safetensors'))).toEqual(
    readFileSync(join(fixture.run, 'scene.safetensors')),
  );
  writeFileSync(join(page.folder, 'assets', 'main-2.js'), 'two');
  writeFileSync(join(out, 'CNAME'), 'example.org');
  await exportSite(site, { ...page, files: ['assets/main-2.js', 'index.html'] }, out, platform, silentProgress);
  expect(filesOf(out)).toEqual(['CNAME', ...expected].map((path) => path.replace('main-1', 'main-2')).sort());
});

it('does not write into a folder of other things, nor over a file', async () => {
  const other = join(fixture.root, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'thesis.tex'), 'years of work');
  await expect(exportSite(site, page, other, platform, silentProgress)).rejects.toThrow(/other things.*--web/);
  await expect(exportSite(site, page, join(other, 'thesis.tex'), platform, silentProgress)).rejects.toThrow(
    /is a file/,
  );
  expect(filesOf(other)).toEqual(['thesis.tex']);
});
