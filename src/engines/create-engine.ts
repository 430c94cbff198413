/** Makes an engine by name, from the same description and parameters. */
import type { SceneConfig } from '../field/config.ts';
import type { TensorMap } from '../field/parameters.ts';
import type { EngineMachine } from '../platform/platform.ts';
import type { Engine } from './engine.ts';
import { ReferenceEngine } from './reference/reference-engine.ts';
import { WasmEngine } from './wasm/wasm-engine.ts';

export type EngineName = 'wasm' | 'reference';

export interface EngineOptions {
  threads: number;
  /** Largest training batch; 1 for an engine that only renders. */
  raysPerStep: number;
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
  return WasmEngine.create(config, platform, { ...options, parameters });
}
