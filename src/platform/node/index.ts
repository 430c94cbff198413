/** langfield's machine, on Node: the only place besides the command line that imports `node:`. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Platform } from '../platform.ts';
import { nodeFiles } from './files.ts';
import { mayHaveGpu, openGpu } from './gpu.ts';
import { nodeImages } from './images.ts';
import { loadKernelModule } from './kernels.ts';
import { spawnWorker } from './workers.ts';

const packageRoot = fileURLToPath(new URL('../../../', import.meta.url)).replaceAll('\\', '/');

/** Whole names, so that scripts/build-package.ts finds them. */
const workerScripts = {
  engine: new URL('./engine-worker.ts', import.meta.url),
  scene: new URL('./scene-worker.ts', import.meta.url),
};

export function nodePlatform(): Platform {
  return {
    files: nodeFiles(),
    images: nodeImages(),
    cores: availableParallelism(),
    now: () => performance.now(),
    loadKernels: async (options) => loadKernelModule(options),
    spawnWorker: (role) => spawnWorker(workerScripts[role]),
    openGpu,
    mayHaveGpu: () => mayHaveGpu(),
    packagePath: (relative) => packageRoot + relative,
  };
}
