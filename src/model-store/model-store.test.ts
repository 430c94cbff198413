/** The catalogue, where files come from, and what the store knows of itself: no server, no weights. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readDenseTower } from '../encoders/vit/dino-layouts.ts';
import { WeightFile } from '../encoders/vit/weights.ts';
import { LangfieldError } from '../errors.ts';
import { encodeSafetensors } from '../formats/safetensors.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { type CatalogueModel, catalogue, requireModel } from './catalogue.ts';
import { announcePlan, fetchModel, planFetch } from './fetch-model.ts';
import { hubAddress, type ModelSource, sourceOf } from './source.ts';
import { checkStoreName, describeBytes, filesFolder } from './store.ts';
import { listModels, verifyStore } from './survey.ts';

const { files } = nodePlatform();
const root = mkdtempSync(join(tmpdir(), 'langfield-store-'));
let [store, mirror, count] = ['', '', 0];
beforeEach(() => {
  store = join(root, `store-${count}`);
  mirror = join(root, `mirror-${count++}`);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A whole safetensors file of 96 bytes. */
function weightsOf(number: number): Buffer {
  return Buffer.from(encodeSafetensors(new Map([['w', { shape: [2], data: Float32Array.of(number, 0) }]])));
}
const weights = weightsOf(1);
const bytes = weights.length;
const sha256 = createHash('sha256').update(weights).digest('hex');
const model: CatalogueModel = {
  ...{ name: 'Tiny', what: 'a tiny one', role: 'dense', layout: 'dino', licence: 'MIT', approximateBytes: bytes },
  ...{ repository: 'owner/tiny-dino', revision: 'v1' },
  files: [
    { name: 'model.safetensors', otherNames: ['old.safetensors'] },
    { name: 'config.json', optional: true },
  ],
};
const pinned: CatalogueModel = { ...model, files: [{ name: 'model.safetensors', sha256, bytes: weights.length }] };

function put(path: string, bytes: Uint8Array | string = weights): void {
  mkdirSync(dirname(join(mirror, path)), { recursive: true });
  writeFileSync(join(mirror, path), bytes);
}

const noNetwork = () => Promise.reject(new Error('the network was used'));

async function bring(wanted: CatalogueModel, source: ModelSource = { kind: 'folder', folder: mirror }) {
  return fetchModel(await planFetch(store, wanted, files), source, { fetch: noNetwork, files });
}

async function faultOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LangfieldError);
  return (error as LangfieldError).message;
}

describe('the catalogue', () => {
  it('is consistent: names, partners, and no half-known hash', () => {
    expect(new Set(catalogue.map(({ name }) => name.toLowerCase())).size).toBe(catalogue.length);
    for (const each of catalogue) {
      expect(checkStoreName(each.name)).toBe(each.name);
      expect(each.repository).toMatch(/^[\w.-]+\/[\w.-]+$/);
      expect(each.licence).not.toBe('');
      if (each.dense) expect(requireModel(each.dense).role).toBe('dense');
      for (const file of each.files) {
        expect(file.name).toMatch(/^[\w-]+\.(safetensors|json)$/);
        if (file.sha256 !== undefined) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
        // A hash belongs to a commit, not to a branch that moves.
        if (file.sha256 !== undefined) expect(each.revision).toMatch(/^[0-9a-f]{40}$/);
      }
    }
  });

  it('is searched without regard to case, and lists itself when that fails', () => {
    expect(requireModel('vit-b-16-LAION2B_s34b_b88k').repository).toBe('laion/CLIP-ViT-B-16-laion2B-s34B-b88K');
    expect(() => requireModel('resnet')).toThrow(/no such model.*clip-vit-base-patch32/);
  });
});

describe('the layout of dino-vits8', () => {
  it('is read as timm publishes it: the original tensor names, and a configuration without the heads', () => {
    const [width, wide] = [128, 512];
    const shapes: Record<string, number[]> = {
      ...{ cls_token: [1, 1, width], pos_embed: [1, 17, width], 'patch_embed.proj.weight': [width, 3, 8, 8] },
      ...{ 'patch_embed.proj.bias': [width], 'norm.weight': [width], 'norm.bias': [width] },
    };
    for (const [name, shape] of Object.entries({
      ...{ norm1: [width], 'attn.qkv': [3 * width, width], 'attn.proj': [width, width] },
      ...{ norm2: [width], 'mlp.fc1': [wide, width], 'mlp.fc2': [width, wide] },
    }))
      Object.assign(shapes, { [`blocks.0.${name}.weight`]: shape, [`blocks.0.${name}.bias`]: [shape[0]] });
    const tensors = Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
      return [name, { shape, data }] as const;
    });
    const json = { architecture: 'vit_small_patch8_224', num_classes: 0, num_features: width, global_pool: 'token' };
    const { shape } = readDenseTower(new WeightFile(encodeSafetensors(new Map(tensors)), 'model.safetensors'), {
      json: { ...json, pretrained_cfg: { tag: 'dino', input_size: [3, 224, 224], mean: [0.485, 0.456, 0.406] } },
      file: 'config.json',
    });
    expect(shape).toMatchObject({
      width,
      heads: 2,
      layers: 1,
      patch: 8,
      tableSide: 4,
      keyBlock: 0,
      layerNormEps: 1e-6,
    });
  });
});

describe('where models come from', () => {
  it('is an address or a folder', () => {
    expect(sourceOf('https://mirror.example/hf/')).toEqual({ kind: 'hub', base: 'https://mirror.example/hf' });
    expect(sourceOf('models/here')).toEqual({ kind: 'folder', folder: 'models/here' });
    expect(sourceOf('file:///srv/my%20models')).toEqual({ kind: 'folder', folder: '/srv/my models' });
    expect(() => sourceOf('ftp://mirror.example')).toThrow(/--from: this address cannot be used/);
    const pull = { ...model, revision: 'refs/pr/1' };
    expect(hubAddress('https://h', pull, 'a.json')).toBe('https://h/owner/tiny-dino/resolve/refs%2Fpr%2F1/a.json');
  });

  it.each([
    'owner/tiny-dino/resolve/v1/model.safetensors',
    'owner/tiny-dino/model.safetensors',
    'tiny-dino/old.safetensors',
    'Tiny/model.safetensors',
    'dino/model.safetensors',
  ])('a folder with %s is enough, without network', async (path) => {
    put(path);
    const manifest = await bring(model);
    expect(readFileSync(join(filesFolder(store, 'Tiny'), 'model.safetensors'))).toEqual(weights);
    expect(manifest.files).toEqual({
      'model.safetensors': { bytes, sha256, trust: 'first download', from: join(mirror, path) },
    });
  });

  it('a folder with other content than is known, or without the file, is refused', async () => {
    put('Tiny/model.safetensors', 'other weights');
    expect(await faultOf(bring(pinned))).toMatch(/not the one that is known.*found 13 bytes, SHA-256 .*expected \d+ b/);
    expect(await files.list(filesFolder(store, 'Tiny'))).toEqual([]);
    put('Tiny/model.safetensors', weightsOf(2));
    expect(await faultOf(bring(pinned))).toMatch(/not the one that is known/);
    rmSync(mirror, { recursive: true });
    expect(await faultOf(bring(model))).toMatch(/model\.safetensors: this file of Tiny is not there/);
  });

  it.each([
    ['half a file', weights.subarray(0, bytes - 4), /found \d+ bytes instead of the \d+ of its header/],
    ['a part of the header', weights.subarray(0, 20), /which end within the header/],
    ['nothing', new Uint8Array(0), /found 0 bytes/],
    ['a page', '<html>Please log in to this network, and come back later</html>', /not the whole file/],
  ])('%s is not taken for a model', async (_, content, message) => {
    put('Tiny/model.safetensors', content);
    expect(await faultOf(bring(model))).toMatch(message);
    put('Tiny/model.safetensors');
    put('Tiny/config.json', '<html>Please log in</html>');
    expect(await faultOf(bring(model))).toMatch(/config\.json: what came .*<html>.*expected JSON/);
    expect(await files.list(filesFolder(store, 'Tiny'))).toEqual(['manifest.json', 'model.safetensors']);
  });

  it('offline is refused, unless everything is here', async () => {
    const offline = { kind: 'offline', base: 'https://hub.example' } as const;
    expect(await faultOf(bring(model, offline))).toMatch(/^Tiny: .*\(offline\).*missing: model\.safetensors.*--from/);
    put('Tiny/model.safetensors');
    await bring(model);
    expect(Object.keys((await bring(model, offline)).files)).toEqual(['model.safetensors']);
  });

  it('is announced with files, size and licence', async () => {
    const source = { kind: 'hub', base: 'https://hub.example' } as const;
    const lines = announcePlan(await planFetch(store, model, files), source).join('\n');
    expect(lines).toMatch(/https:\/\/hub\.example, owner\/tiny-dino, revision v1/);
    expect(lines).toMatch(/model\.safetensors \(not pinned\)[\s\S]*about \d+ bytes[\s\S]*MIT/);
    expect(announcePlan(await planFetch(store, pinned, files), source).join('\n')).toMatch(
      /SHA-256 known[\s\S]* \d+ bytes/,
    );
  });
});

describe('what is in the store', () => {
  it('is listed, verified, found damaged, and mended by the next pull', async () => {
    put('Tiny/model.safetensors');
    await bring(model);
    const state = async () => (await listModels(store, [model], files))[0].published;
    expect(await state()).toMatchObject({ bytes, state: 'whole', verified: expect.any(String) });
    expect(await verifyStore(store, undefined, [model], files)).toMatchObject([{ name: 'Tiny', files: 1, faults: [] }]);
    const path = join(filesFolder(store, 'Tiny'), 'model.safetensors');
    writeFileSync(path, weightsOf(2));
    const [{ faults }] = await verifyStore(store, 'tiny', [model], files);
    expect(faults).toEqual([{ path, problem: expect.stringMatching(/^damaged: SHA-256 .* instead of/) }]);
    expect(await state()).toMatchObject({ state: 'whole', verified: undefined });
    expect((await planFetch(store, model, files)).damaged).toHaveLength(1);
    await bring(model);
    expect(readFileSync(path)).toEqual(weights);
    expect((await verifyStore(store, undefined, [model], files))[0].faults).toEqual([]);
    rmSync(path);
    expect(await state()).toMatchObject({ state: 'incomplete' });
    expect((await verifyStore(store, undefined, [model], files))[0].faults).toEqual([{ path, problem: 'missing' }]);
  });

  it('a file that came before its hash was known is held against it later', async () => {
    put('Tiny/model.safetensors', weightsOf(2));
    await bring(model);
    expect((await verifyStore(store, undefined, [model], files))[0].faults).toEqual([]);
    expect((await verifyStore(store, undefined, [pinned], files))[0].faults[0].problem).toMatch(/^not the published/);
    put('Tiny/model.safetensors');
    expect((await bring(pinned)).files['model.safetensors']).toMatchObject({ sha256, trust: 'catalogue' });
  });

  it('an unknown name and a damaged manifest are said as such', async () => {
    expect(await faultOf(verifyStore(store, 'none', [model], files))).toMatch(/none: there is no such model/);
    put('Tiny/model.safetensors');
    await bring(model);
    writeFileSync(join(filesFolder(store, 'Tiny'), 'manifest.json'), '{"version": 1');
    expect(await faultOf(listModels(store, [model], files))).toMatch(
      /manifest\.json: .*not JSON.*pull the model again/,
    );
  });

  it('has names that can be folders and flags', () => {
    for (const name of ['../up', 'a/b', '', '.hidden', 'builtin', 'Builtin'])
      expect(() => checkStoreName(name)).toThrow(LangfieldError);
    expect([999, 1000, 598_482_948, 1_710_466_052].map(describeBytes)).toEqual([
      ...['999 bytes', '1.0 kB', '598.5 MB', '1.7 GB'],
    ]);
  });
});
