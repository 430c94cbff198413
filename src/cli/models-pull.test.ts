/**
 * `langfield models` as a user runs it (the kill in a process of its own): tiny recorded ViTs in the layouts of the catalogue's
 * models come from a server on 127.0.0.1 and must become encoders that give the recorded embeddings.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Finished, startLangfield } from '../../test/langfield-process.ts';
import { type LocalHub, startLocalHub, stopsAt } from '../../test/local-hub.ts';
import { publishedFiles, publishedPaths, recordedFor } from '../../test/published-vits.ts';
import { largestDifference } from '../../test/recorded-vits.ts';
import { hasShared } from '../../test/shared.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openEncoder } from '../encoders/onnx-encoder.ts';
import { type CatalogueModel, catalogue, requireModel } from '../model-store/catalogue.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { encoderFolderOf } from './encoder-folder.ts';
import { runCommandLine } from './program.ts';
import { lineProgress } from './progress.ts';

const platform = nodePlatform();
const root = mkdtempSync(join(tmpdir(), 'langfield-models-'));
const openclip = 'ViT-B-16-laion2b_s34b_b88k';
const huggingface = 'clip-vit-base-patch16';
let hub: LocalHub;
let store: string;
let count = 0;

beforeAll(async () => {
  hub = await startLocalHub();
  if (hasShared)
    for (const model of catalogue) for (const [path, bytes] of publishedPaths(model)) hub.files.set(path, bytes);
});
beforeEach(() => {
  store = join(root, `store-${count++}`);
  Object.assign(process.env, { LANGFIELD_MODELS: store, LANGFIELD_MODEL_HUB: hub.base });
  delete process.env.LANGFIELD_OFFLINE;
  hub.seen.length = 0;
});
afterEach(() => {
  for (const name of ['LANGFIELD_MODELS', 'LANGFIELD_MODEL_HUB', 'LANGFIELD_OFFLINE']) delete process.env[name];
  Object.assign(hub, { next: [], always: undefined });
});
afterAll(async () => {
  await hub.close();
  rmSync(root, { recursive: true });
});

/** Runs a command line in this process. */
async function langfield(...args: string[]): Promise<Finished> {
  let [out, err] = ['', ''];
  const write = (text: string) => void (err += text);
  const print = (line: string) => void (out += `${line}\n`);
  const progress = lineProgress({ write }, Date.now);
  const code = await runCommandLine(args, { platform, progress, print }, { version: 'test', write });
  return { code, out, err };
}

/** Opens the encoder that a name stands for and holds it against the recording. */
async function expectRecorded(name: string, model: CatalogueModel): Promise<void> {
  const encoder = await openEncoder(encoderFolderOf(name, platform), platform.files, await loadNodeRuntime(), {
    threads: 1,
  });
  const { arrays } = recordedFor(model);
  const { shape, data } = arrays.token_ids;
  const row = data.slice(shape[1], 2 * shape[1]);
  const words = row.slice(1, row.indexOf(Math.max(...row))).map((id) => `w${id}`);
  const expected = arrays.text_features_normalised.data.slice(encoder.dim, 2 * encoder.dim);
  expect(largestDifference(await encoder.encodeTexts([words.join(' ')]), expected)).toBeLessThan(1e-5);
  expect(encoder.name).toBe(name);
  await encoder.close();
}

describe.skipIf(!hasShared)('langfield models', () => {
  it.each([openclip, huggingface])('pull %s: from the server to an encoder, and only once', async (name) => {
    const pulled = await langfield('models', 'pull', name);
    expect(pulled).toMatchObject({ code: 0, err: expect.not.stringContaining('error') });
    const { repository, licence } = requireModel(name);
    for (const part of [hub.base, repository, licence, 'not pinned', 'about 598.5 MB', 'dino-vits8', 'about 86.7 MB'])
      expect(pulled.out).toContain(part);
    expect(pulled.out).toContain('dense features of 48 numbers');
    expect(pulled.out).toContain(`use it: langfield train <capture> --encoder ${name}`);
    await expectRecorded(name, requireModel(name));
    const requests = hub.seen.length;
    const again = await langfield('models', 'pull', name);
    expect(again.out).toMatch(/already here and whole[\s\S]*already there/);
    expect(hub.seen).toHaveLength(requests);
  });

  it('pull goes on after a kill in the middle', async () => {
    const weights = `/${requireModel(openclip).repository}/resolve/main/open_clip_model.safetensors`;
    const part = join(store, 'files', openclip, 'open_clip_model.safetensors.part');
    hub.next = [stopsAt(600_000)];
    const { child, finished } = startLangfield('models', 'pull', openclip, '--dense', 'none');
    while (!existsSync(part) || statSync(part).size < 2 ** 18) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await finished;
    const held = statSync(part).size;
    expect(existsSync(part.replace('.part', ''))).toBe(false);
    const resumed = startLangfield('models', 'pull', openclip, '--dense', 'none');
    expect(await resumed.finished).toMatchObject({ code: 0, out: expect.stringContaining('use it:') });
    const asked = hub.seen.filter(({ path }) => path === weights);
    expect(asked.map(({ range }) => range)).toEqual([undefined, `bytes=${held}-`]);
    await expectRecorded(openclip, requireModel(openclip));
  });

  it('list, verify and pull tell and mend what is damaged', async () => {
    expect((await langfield('models', 'verify')).out).toContain('the store is empty');
    expect((await langfield('models', 'list')).out).toMatch(/clip-vit-base-patch32 .*can be pulled \(not pinned\)/);
    await langfield('models', 'pull', openclip);
    expect((await langfield('models', 'list')).out).toMatch(/ViT-B-16.*ready, verified \d{4}-\d\d-\d\d/);
    const listed = JSON.parse((await langfield('models', 'list', '--json')).out);
    expect(listed).toMatchObject({ store, models: [{ name: openclip, encoder: { state: 'whole' } }, {}, {}, {}, {}] });
    expect(await langfield('models', 'verify')).toMatchObject({ code: 0 });
    const graph = join(store, 'encoders', openclip, 'text.onnx');
    const weights = join(store, 'files', 'dino-vits8', 'model.safetensors');
    for (const path of [graph, weights]) {
      const bytes = readFileSync(path);
      bytes[bytes.length - 1] ^= 1;
      writeFileSync(path, bytes);
    }
    const verdict = await langfield('models', 'verify');
    expect(verdict.code).toBe(1);
    expect(verdict.out).toContain(`${graph}: damaged`);
    expect(verdict.out).toContain(`${weights}: damaged`);
    expect(verdict.err).toMatch(/^error: .*damaged models.*models pull/);
    expect((await langfield('models', 'list')).out).toMatch(/ViT-B-16.*not verified/);
    expect((await langfield('models', 'pull', openclip)).err).toContain(`${weights} is damaged`);
    expect(await langfield('models', 'verify', openclip)).toMatchObject({ code: 0 });
    await expectRecorded(openclip, requireModel(openclip));
  });

  it('pull takes a folder, and refuses the network when offline', async () => {
    process.env.LANGFIELD_OFFLINE = '1';
    const refused = await langfield('models', 'pull', openclip);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^error: ViT-B-16.*\(offline\).*--from <folder>/);
    // One model's own folder, as "models add" takes it.
    const mirror = join(root, 'mirror');
    const put = (path: string, bytes: Uint8Array) => {
      mkdirSync(dirname(join(mirror, path)), { recursive: true });
      writeFileSync(join(mirror, path), bytes);
    };
    for (const [name, bytes] of publishedFiles(requireModel(openclip))) put(name, bytes);
    for (const [name, bytes] of publishedFiles(requireModel('dino-vits8'))) put(join('dino', name), bytes);
    expect(await langfield('models', 'pull', openclip, '--from', mirror)).toMatchObject({ code: 0 });
    expect(hub.seen).toEqual([]);
    await expectRecorded(openclip, requireModel(openclip));
  });

  it('pull never makes an encoder of half a file, and says which', async () => {
    const weights = `/${requireModel(openclip).repository}/resolve/main/open_clip_model.safetensors`;
    const whole = hub.files.get(weights)!;
    hub.files.set(weights, whole.subarray(0, 500_000));
    const halved = await langfield('models', 'pull', openclip, '--dense', 'none');
    hub.files.set(weights, whole);
    expect(halved.code).toBe(1);
    expect(halved.err).toMatch(/error: .*open_clip_model\.safetensors: .*not the whole file.*found 500000 bytes/);
    expect(existsSync(join(store, 'encoders', openclip))).toBe(false);
    expect(await langfield('models', 'pull', openclip, '--dense', 'none')).toMatchObject({ code: 0 });
  });

  it('pull of a DINO alone, of nothing known, and with a CLIP for a DINO', async () => {
    const dino = await langfield('models', 'pull', 'dino-vits8');
    expect(dino).toMatchObject({ code: 0, out: expect.stringContaining(`models pull ${openclip}`) });
    expect((await langfield('models', 'pull', 'resnet')).err).toMatch(/^error: resnet: .*catalogue/);
    expect((await langfield('models', 'pull', openclip, '--dense', huggingface)).err).toMatch(/no dense features/);
  });

  it('add --name keeps an encoder of the user’s own; add needs a place', async () => {
    const folder = join(root, 'my-clip');
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of publishedFiles(requireModel(huggingface))) writeFileSync(join(folder, name), bytes);
    const added = await langfield('models', 'add', folder, '--name', 'mine');
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining('--encoder mine') });
    await expectRecorded('mine', requireModel(huggingface));
    expect((await langfield('models', 'list')).out).toMatch(/mine +encoder .*ready, verified .*added by you/);
    expect(await langfield('models', 'verify', 'mine')).toMatchObject({ code: 0 });
    expect((await langfield('models', 'add', folder)).err).toMatch(/^error: --out, --name: .*neither/);
    expect((await langfield('models', 'add', folder, '--name', 'builtin')).err).toMatch(/the encoder in the box/);
  });
});

describe('--encoder', () => {
  it('means builtin, a folder, or a model of the store', () => {
    expect(encoderFolderOf('builtin', platform)).toMatch(/models\/household$/);
    expect(encoderFolderOf('./there', platform)).toBe(join(process.cwd(), 'there'));
    expect(encoderFolderOf('unknown', platform)).toBe(join(process.cwd(), 'unknown'));
    expect(() => encoderFolderOf(openclip.toLowerCase(), platform)).toThrow(`models pull ${openclip}`);
    const folder = join(store, 'encoders', openclip);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'encoder.json'), '{}');
    expect(encoderFolderOf(openclip.toLowerCase(), platform)).toBe(folder);
  });
});
