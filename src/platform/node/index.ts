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

export function nodePlatform(): Platform {
  return {
    files: nodeFiles(),
    images: nodeImages(),
    cores: availableParallelism(),
    now: () => performance.now(),
    loadKernels: async (options) => loadKernelModule(options),
    spawnWorker: (role) => spawnWorker(new URL(`./${role}-worker.ts`, import.meta.url)),
    openGpu,
    mayHaveGpu: () => mayHaveGpu(),
    packagePath: (relative) => packageRoot + relative,
  };
}
