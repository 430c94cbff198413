/**
 * WebGPU in Node, through the optional package `webgpu` (Dawn). The browser has the same object as `navigator.gpu`.
 * Dawn lives as long as the object that `create` returns is referenced; it is kept here for the life of the process,
 * and Node can still exit, since nothing is in flight once the devices are destroyed.
 */
import { readdir } from 'node:fs/promises';

/** Browsers round timestamps to hide them from pages; here they are our own. */
export const dawnOptions: readonly string[] = ['disable-dawn-features=timestamp_quantization'];

let opened: Promise<GPU | undefined> | undefined;

async function create(): Promise<GPU | undefined> {
  let module: typeof import('webgpu');
  try {
    module = await import('webgpu');
  } catch {
    return undefined; // not installed, or no build for this system
  }
  // The constants of the specification (GPUBufferUsage and so on) are globals in a browser.
  for (const [name, value] of Object.entries(module.globals))
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  return module.create([...dawnOptions]) as unknown as GPU;
}

/** undefined when the package is not installed. Adapters may still be missing: that is for the engine to say. */
export function openGpu(): Promise<GPU | undefined> {
  opened ??= create();
  return opened;
}

/** On Linux a GPU is a file in /dev: of the kernel's direct rendering, of NVIDIA's driver, or of Windows' subsystem. */
export async function mayHaveGpu(system: string = process.platform, devices = '/dev'): Promise<boolean> {
  if (system !== 'linux') return true;
  const list = async (folder: string) => readdir(folder).catch((): string[] => []);
  const found = await list(devices);
  return (
    found.some((name) => /^nvidia\d+$/.test(name) || name === 'dxg') ||
    (await list(`${devices}/dri`)).some((name) => name.startsWith('renderD'))
  );
}
