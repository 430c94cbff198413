/** Entry point of the worker that holds the scene: fetches it, makes the engines, and serves the page's requests. */

import runtimeWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { openPhraseEncoder } from '../../encoders/phrase-encoder.ts';
import { loadWasmRuntime } from '../../encoders/wasm-runtime.ts';
import { WasmEngine } from '../../engines/wasm/wasm-engine.ts';
import { availableAdapter } from '../../engines/webgpu/device.ts';
import type { SceneConfig } from '../../field/config.ts';
import type { Run } from '../../field/run.ts';
import { openRun } from '../../field/run-folder.ts';
import { httpFiles } from '../../platform/browser/http-files.ts';
import { type BrowserMachine, browserMachine } from '../../platform/browser/index.ts';
import type { FileSystem } from '../../platform/platform.ts';
import { parseManifest, type ViewerManifest } from '../manifest.ts';
import { sitePaths } from '../site-paths.ts';
import type { EngineChoice, EngineStatus, WebGpuPlace } from './engine-status.ts';
import { type EngineMakers, EngineSupply } from './engine-supply.ts';
import { PhraseBook } from './phrase-book.ts';
import type { FromSession, SceneSummary, ToSession } from './protocol.ts';
import { checkView, findDisagreement } from './self-check.ts';
import { messageOf, ViewSession } from './session.ts';

let session: ViewSession | undefined;
let book: PhraseBook | undefined;
let engines: EngineSupply | undefined;

function emit(message: FromSession): void {
  self.postMessage(message, { transfer: message.kind === 'frame' ? buffersOf(message) : [] });
}

self.onmessage = ({ data }: MessageEvent<ToSession>) => {
  if (data.kind === 'show') void session?.show(data.request);
  // A failure shows when the question comes.
  else if (data.kind === 'prepare') book?.openEncoder().catch(() => {});
  else if (data.kind === 'engine') void (session && engines?.choose(data.engine, session));
  else open(data.base, data.engine).catch(fail);
};

const fail = (error: unknown) => emit({ kind: 'failed', scope: 'fatal', message: messageOf(error) });

async function open(base: string, choice: EngineChoice): Promise<void> {
  const manifest = await awaitScene(base);
  const files = httpFiles(base, manifest.files, {
    onBytes: (path, done, total) => emit({ kind: 'loading', what: whatIs(path), done, total }),
  });
  const run = await openRun('.', files);
  const machine = browserMachine();
  const { scene } = run.config;
  engines = new EngineSupply(engineMakers(run, machine), run.parameters, tellEngine, fail);
  const supply = engines;
  book = new PhraseBook(run, () => openEncoder(manifest, files));
  const engine = await supply.open();
  session = new ViewSession(
    engine,
    book,
    emit,
    () => performance.now(),
    (broken) => supply.replaces(broken),
  );
  emit({ kind: 'opened', scene: summarise(run, manifest, machine.threads) });
  void supply.choose(choice, session);
  if (manifest.revision !== undefined) void follow(base, manifest.revision, scene, session);
}

const tellEngine = (status: EngineStatus) => emit({ kind: 'engine', status });

/** Rays that a GPU renders at once: more would hardly be faster and take more memory. */
const raysAtOnce = 8192;

function engineMakers(run: Run, machine: BrowserMachine): EngineMakers {
  const { scene } = run.config;
  const view = checkView(run);
  return {
    cpu: (parameters) => WasmEngine.create(scene, machine, { threads: machine.threads, raysPerStep: 1, parameters }),
    webGpu,
    // Fetched only where it is used.
    gpu: async (parameters) =>
      (await import('../../engines/webgpu/render-engine.ts')).openRenderEngine(scene, await machine.openGpu(), {
        parameters,
        raysAtOnce,
      }),
    disagreement: async (gpu, cpu) => view && findDisagreement(gpu, cpu, view),
  };
}

async function webGpu(): Promise<WebGpuPlace> {
  if (!isSecureContext) return 'insecure';
  return navigator.gpu ? availableAdapter(navigator.gpu) : 'absent';
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
      if (engines) engines.parameters = run.parameters;
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

function summarise(run: Run, manifest: ViewerManifest, threads: number): SceneSummary {
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
