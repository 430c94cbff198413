/** Entry point of the worker that holds the scene: fetches it, makes the engine, and serves the page's requests. */

import runtimeWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { openPhraseEncoder } from '../../encoders/phrase-encoder.ts';
import { loadWasmRuntime } from '../../encoders/wasm-runtime.ts';
import { createEngine } from '../../engines/create-engine.ts';
import type { SceneConfig } from '../../field/config.ts';
import type { Run } from '../../field/run.ts';
import { openRun } from '../../field/run-folder.ts';
import { httpFiles } from '../../platform/browser/http-files.ts';
import { browserMachine } from '../../platform/browser/index.ts';
import type { FileSystem } from '../../platform/platform.ts';
import { parseManifest, type ViewerManifest } from '../manifest.ts';
import { sitePaths } from '../site-paths.ts';
import { PhraseBook } from './phrase-book.ts';
import type { FromSession, SceneSummary, ToSession } from './protocol.ts';
import { messageOf, ViewSession } from './session.ts';

let session: ViewSession | undefined;
let book: PhraseBook | undefined;

function emit(message: FromSession): void {
  self.postMessage(message, { transfer: message.kind === 'frame' ? buffersOf(message) : [] });
}

self.onmessage = ({ data }: MessageEvent<ToSession>) => {
  if (data.kind === 'show') void session?.show(data.request);
  // A failure shows when the question comes.
  else if (data.kind === 'prepare') book?.openEncoder().catch(() => {});
  else open(data.base).catch((error) => emit({ kind: 'failed', scope: 'fatal', message: messageOf(error) }));
};

async function open(base: string): Promise<void> {
  const manifest = await awaitScene(base);
  const files = httpFiles(base, manifest.files, {
    onBytes: (path, done, total) => emit({ kind: 'loading', what: whatIs(path), done, total }),
  });
  const run = await openRun('.', files);
  const machine = browserMachine();
  const { scene } = run.config;
  const options = { threads: machine.threads, raysPerStep: 1 };
  const engine = await createEngine('wasm', scene, run.parameters, machine, options);
  book = new PhraseBook(run, () => openEncoder(manifest, files));
  session = new ViewSession(engine, book, emit, () => performance.now());
  emit({ kind: 'opened', scene: summarise(run, manifest, engine.name, machine.threads) });
  if (manifest.revision !== undefined) void follow(base, manifest.revision, scene, session);
}

/** Time between looks at whether the scene was trained further. */
const refreshMs = 4000;

/** The manifest, once there is something to look at: a training that has just begun has saved nothing yet. */
async function awaitScene(base: string): Promise<ViewerManifest> {
  for (;;) {
    const manifest = await fetchManifest(base);
    const waiting = manifest.waiting === true;
    if (manifest.training) emit({ kind: 'training', waiting });
    if (!waiting) return manifest;
    await new Promise((resolve) => setTimeout(resolve, refreshMs / 2));
  }
}

async function fetchManifest(base: string): Promise<ViewerManifest> {
  const response = await fetch(base + sitePaths.manifest, { cache: 'no-cache' });
  if (!response.ok)
    throw new Error(`The scene could not be fetched: the server answered with status ${response.status}.`);
  return parseManifest(await response.text(), sitePaths.manifest);
}

/** Follows a run that is still being trained, until it has become another scene. */
async function follow(base: string, revision: string, scene: SceneConfig, shown: ViewSession): Promise<void> {
  for (let seen = revision; ; ) {
    await new Promise((resolve) => setTimeout(resolve, refreshMs));
    try {
      const manifest = await fetchManifest(base);
      if (manifest.revision === undefined || manifest.revision === seen) continue;
      const run = await openRun('.', httpFiles(base, manifest.files));
      seen = manifest.revision;
      if (JSON.stringify(run.config.scene) !== JSON.stringify(scene)) break;
      await shown.refresh(run.parameters);
    } catch {
      // The server is away, or the file was replaced while it was read: the next look will tell.
    }
  }
  emit({ kind: 'replaced' });
}

const whatIs = (path: string) => (path.startsWith(sitePaths.encoder) ? 'the text encoder' : 'the scene');

async function openEncoder(manifest: ViewerManifest, files: FileSystem) {
  if (manifest.encoder === undefined) throw new Error(manifest.cannotAsk ?? 'This scene cannot be asked.');
  // One thread: phrases are short, and threads of the runtime would compete with the engine's.
  const runtime = await loadWasmRuntime({ threads: 1, wasmFile: new URL(runtimeWasm, self.location.href).href });
  return openPhraseEncoder(sitePaths.encoder, manifest.encoder.identity, files, runtime);
}

function summarise(run: Run, manifest: ViewerManifest, engine: string, threads: number): SceneSummary {
  const { encoder, scene } = run.config;
  return {
    name: manifest.name,
    fields: scene.languages.map(({ name }) => name),
    hasFeatures: scene.languages.map(({ dinoDim }) => dinoDim > 0),
    photos: run.photos.map(({ name, split, camera }, index) => ({
      name,
      split,
      camera,
      available: manifest.photos[index] ?? false,
    })),
    regions: manifest.regions ?? {},
    canonicalPhrases: encoder?.canonicalPhrases ?? [],
    cannotAsk: manifest.cannotAsk,
    threads,
    engine,
    encoder: encoder?.name,
    vocabulary: manifest.encoder?.vocabulary ?? [],
  };
}

/** Everything large in a frame, to be handed over instead of copied. */
function buffersOf({ frame }: Extract<FromSession, { kind: 'frame' }>): ArrayBuffer[] {
  const { rgb, depth, accumulation } = frame.appearance;
  const maps = frame.fields.flatMap(({ phrases }) => phrases.map(({ relevancy }) => relevancy));
  const components = frame.components ? [frame.components] : [];
  return [rgb, depth, accumulation, ...components, ...maps].map(({ buffer }) => buffer as ArrayBuffer);
}
