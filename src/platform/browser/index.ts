/**
 * langfield's machine, in a browser. Files come from HTTP (http-files.ts) or are the browser's own (stored-files.ts) and are not
 * part of it.
 */
import { serveThread } from '../../engines/wasm/serve-thread.ts';
import type { EngineMachine, FileSystem, TrainingMachine } from '../platform.ts';
import { browserImages } from './images.ts';
import { inlineWorker } from './inline-worker.ts';
import { loadKernels } from './kernels.ts';
import { spawnEngineWorker } from './workers.ts';

export interface BrowserMachine extends EngineMachine {
  /** Threads that an engine may have: one where memory cannot be shared. */
  threads: number;
}

/** More threads than this gain little on a render and starve the rest of the machine. */
const mostThreads = 16;

export function browserMachine(): BrowserMachine {
  const isolated = globalThis.crossOriginIsolated === true;
  return {
    threads: isolated ? Math.min(mostThreads, navigator.hardwareConcurrency || 1) : 1,
    loadKernels,
    openGpu: async () => navigator.gpu,
    spawnWorker: () => (isolated ? spawnEngineWorker() : inlineWorker(serveThread)),
  };
}

/** For a training in a tab. @param files where the capture is read and the run is written, such as `storedFiles()` */
export function browserTrainingMachine(files: FileSystem): TrainingMachine {
  const machine = browserMachine();
  return { ...machine, files, images: browserImages, cores: machine.threads, now: () => performance.now() };
}
