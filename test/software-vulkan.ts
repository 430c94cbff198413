/**
 * Puts the software Vulkan that Chromium ships (SwiftShader) beside the system's drivers, before the package `webgpu` is
 * loaded. LANGFIELD_SWIFTSHADER names its ICD file in an unusual place.
 */
import { existsSync, globSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';

const driverPlaces = [
  '/usr/lib/chromium*/vk_swiftshader_icd.json',
  '/opt/google/chrome*/vk_swiftshader_icd.json',
  '/snap/chromium/current/usr/lib/chromium-browser/vk_swiftshader_icd.json',
];

/** Loads a Vulkan loader for good, so that Dawn's own search by name finds it; false when there is none at `path`. */
function holdLibrary(path: string): boolean {
  const neverUnload = 0x1000; // RTLD_NODELETE
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | neverUnload);
  } catch (error) {
    // A library that is no Node module is refused only after it was loaded.
    return String(error).includes('did not self-register');
  }
  return true;
}

export function addSoftwareVulkan(): void {
  if (process.platform !== 'linux') return;
  // Mesa writes its cache of shaders in a thread of lowest priority, for which the end of a process waits on a busy machine.
  process.env.MESA_SHADER_CACHE_DISABLE ??= 'true';
  const driver = process.env.LANGFIELD_SWIFTSHADER ?? globSync(driverPlaces)[0];
  if (driver && existsSync(driver) && !process.env.VK_ICD_FILENAMES && !process.env.VK_DRIVER_FILES)
    process.env.VK_ADD_DRIVER_FILES ??= driver;
  if (!holdLibrary('libvulkan.so.1') && driver) holdLibrary(`${dirname(driver)}/libvulkan.so.1`);
}
