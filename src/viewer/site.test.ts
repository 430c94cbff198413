import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryFiles } from '../../test/memory-files.ts';
import { type RunFixture, writeRunFixture } from '../../test/run-folder-fixture.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openEncoder } from '../encoders/onnx-encoder.ts';
import { openPhraseEncoder } from '../encoders/phrase-encoder.ts';
import { openRun, openRunHead } from '../field/run-folder.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { parseManifest } from './manifest.ts';
import { describeSite, findTextSource, photoJpeg, type Site } from './site.ts';

const platform = nodePlatform();
const { files } = platform;
let fixture: RunFixture;
let site: Site;
beforeAll(async () => {
  fixture = await writeRunFixture(platform);
  const text = await findTextSource(await openRunHead(fixture.run, files), fixture.encoder, platform);
  site = await describeSite(fixture.run, text, platform);
});
afterAll(() => rmSync(fixture.root, { recursive: true }));

const bytesOf = async (path: string) => {
  const content = site.files.get(path)!;
  if (content.kind === 'photo') throw new Error('a photo has no bytes yet');
  return content.kind === 'bytes' ? content.bytes : files.readBytes(content.path);
};

describe('a run as a site', () => {
  it('lists what the page needs, with sizes, and nothing else', () => {
    expect([...site.files.keys()].sort()).toEqual([
      'cameras.json',
      'canonical.npy',
      'config.json',
      'encoder/encoder.json',
      'encoder/text.onnx',
      'encoder/tokenizer.json',
      'encoder/tokenizer_config.json',
      'manifest.json',
      'photos/0-small.jpg',
      'photos/0.jpg',
      'scene.safetensors',
    ]);
    expect(site.manifest.name).toBe('desk');
    expect(site.manifest.photos).toEqual([true, false]);
    expect(site.manifest.files.every(({ size }) => size > 0)).toBe(true);
  });

  it('names no place of this machine', async () => {
    for (const path of ['manifest.json', 'config.json', 'cameras.json']) {
      const text = new TextDecoder().decode(await bytesOf(path));
      expect(text).not.toContain(fixture.root);
      expect(text).not.toContain(fixture.encoder);
    }
  });

  it('opens again from its listed files alone, phrases included', async () => {
    const copy = memoryFiles();
    for (const { path, size } of site.manifest.files) {
      const bytes = await bytesOf(path);
      expect(bytes.length).toBe(size);
      await copy.writeAtomic(path, bytes);
    }
    const run = await openRun('.', copy);
    const original = await openRun(fixture.run, files);
    expect(run.parameters).toEqual(original.parameters);
    expect(run.photos.map(({ camera }) => camera)).toEqual(original.photos.map(({ camera }) => camera));
    const runtime = await loadNodeRuntime();
    const small = await openPhraseEncoder('encoder', site.manifest.encoder!.identity, copy, runtime);
    const whole = await openEncoder(fixture.encoder, files, runtime);
    const phrases = ['red mug', 'teapot'];
    expect(await small.encodeTexts(phrases)).toEqual(await whole.encodeTexts(phrases));
    expect(small.identity).toBe(whole.identity);
    expect(small.unknownWords?.('red zebra')).toEqual(['zebra']);
    await Promise.all([small.close(), whole.close()]);
  });

  it('makes photos small, never larger than they are', async () => {
    const size = async (path: string) => {
      const content = site.files.get(path);
      if (content?.kind !== 'photo') throw new Error('not a photo');
      const { width, height, format } = await platform.images.probe(
        await photoJpeg(content.photo, content.longSide, platform),
        path,
      );
      return [width, height, format];
    };
    expect(await size('photos/0-small.jpg')).toEqual([192, 144, 'jpeg']);
    expect(await size('photos/0.jpg')).toEqual([400, 300, 'jpeg']);
  });
});

it('hands out the regions that a run holds, and how each field uses them', async () => {
  const { run } = fixture;
  const path = join(run, 'regions', 'panoptic', '1.png');
  expect(site.manifest.regions).toEqual({
    panoptic: { photos: [], window: 'two-sided', cells: 'all', minRegionSide: 8 },
  });
  const config = join(run, 'config.json');
  const before = await files.readText(config);
  const changed = JSON.parse(before);
  changed.training = {
    language: { window: 'two-sided', minRegionSide: '9' },
    added: [{ prior: ['panoptic'], language: { window: 'partition', minRegionSide: '12', cache: fixture.root } }],
  };
  try {
    await files.writeAtomic(path, Uint8Array.of(1, 2, 3));
    await files.writeAtomic(config, JSON.stringify(changed));
    const { manifest, files: served } = await describeSite(run, { cannotAsk: 'no encoder' }, platform);
    expect(manifest.regions).toEqual({
      panoptic: { photos: [1], window: 'partition', cells: 'all', minRegionSide: 12 },
    });
    expect(served.get('regions/panoptic/1.png')).toEqual({ kind: 'file', path, root: run, size: 3 });
    // They are fetched when they are looked at, not with the scene.
    expect(manifest.files.some((file) => file.path.startsWith('regions/'))).toBe(false);
    expect(parseManifest(JSON.stringify(manifest), 'manifest.json')).toEqual(manifest);
  } finally {
    await files.writeAtomic(config, before);
    rmSync(join(run, 'regions'), { recursive: true });
  }
});

it('tells a live page when the scene was saved again, and a static one nothing', async () => {
  const text = { cannotAsk: 'no encoder' };
  const revision = async () => (await describeSite(fixture.run, text, platform, true)).manifest.revision;
  expect(site.manifest.revision).toBeUndefined();
  const before = await revision();
  expect(await revision()).toBe(before);
  const path = join(fixture.run, 'scene.safetensors');
  utimesSync(path, new Date(), new Date(Date.now() + 5000));
  expect(await revision()).not.toBe(before);
});

describe('a manifest', () => {
  it('comes back, and a foreign one is refused by name', async () => {
    const text = new TextDecoder().decode(await bytesOf('manifest.json'));
    expect(parseManifest(text, 'manifest.json')).toEqual(site.manifest);
    expect(() => parseManifest('<html>', 'manifest.json')).toThrow(/manifest\.json.*not JSON/);
    expect(() => parseManifest(text.replace('"formatVersion":1', '"formatVersion":2'), 'manifest.json')).toThrow(
      /formatVersion.*version 1/,
    );
  });
});

it('refuses an encoder that the run was not trained with', async () => {
  const head = await openRunHead(fixture.run, files);
  const other = { ...head, config: { ...head.config, encoder: { ...head.config.encoder!, identity: 'xyz' } } };
  await expect(findTextSource(other, fixture.encoder, platform)).rejects.toThrow(/not the encoder.*expected.*xyz/);
});
