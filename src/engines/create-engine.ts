/** Makes an engine by name, from the same description and parameters. */
import { LangfieldError } from '../errors.ts';
import type { SceneConfig } from '../field/config.ts';
import type { TensorMap } from '../field/parameters.ts';
import type { EngineMachine } from '../platform/platform.ts';
import type { Engine } from './engine.ts';
import { ReferenceEngine } from './reference/reference-engine.ts';
import { WasmEngine } from './wasm/wasm-engine.ts';
import { openDevice } from './webgpu/device.ts';
import { type Precision, wantedHalves } from './webgpu/fast-paths.ts';
import { WebGpuRenderEngine } from './webgpu/render-engine.ts';
import { WebGpuEngine } from './webgpu/webgpu-engine.ts';

export type EngineName = 'wasm' | 'reference' | 'webgpu';

export interface EngineOptions {
  threads: number;
  /** Largest training batch; 1 for an engine that only renders. */
  raysPerStep: number;
  /** Bytes of GPU memory that the webgpu engine may take; absent = no limit. */
  maxMemory?: number;
  /** Of hash-grid tables in a webgpu engine that only renders; 'auto' unless given. */
  precision?: Precision;
  /** 'render': no training step will be asked for, so the webgpu engine holds the parameters once instead of four times. */
  purpose?: 'train' | 'render';
}

export async function createEngine(
  name: EngineName,
  config: SceneConfig,
  parameters: TensorMap,
  platform: EngineMachine,
  options: EngineOptions,
): Promise<Engine> {
  if (name === 'reference') {
    const engine = new ReferenceEngine(config);
    await engine.writeParameters(parameters);
    return engine;
  }
  if (name === 'webgpu') {
    const gpu = await platform.openGpu();
    if (!gpu)
      throw new LangfieldError({
        problem: 'this machine has no WebGPU',
        found: 'no package "webgpu" for it',
        advice: 'Install langfield with its optional packages, or use --device cpu',
      });
    const opened = await openDevice(gpu);
    try {
      if (options.purpose === 'render')
        return await WebGpuRenderEngine.create(config, opened, {
          parameters,
          maxMemory: options.maxMemory,
          fastPaths: { halfTables: wantedHalves[options.precision ?? 'auto'] },
        });
      return await WebGpuEngine.create(config, opened, { ...options, parameters });
    } catch (error) {
      opened.close();
      throw error;
    }
  }
  return WasmEngine.create(config, platform, { ...options, parameters });
}
