/** Where the model store is and where models come from, as flags and environment say; shared by the `models` commands. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openEncoder } from '../encoders/onnx-encoder.ts';
import { defaultHub, type ModelSource, sourceOf } from '../model-store/source.ts';
import type { CliContext } from './context.ts';

/** $LANGFIELD_MODELS, else langfield/models in the user's data folder. Absolute, with "/". */
export function modelStoreFolder(): string {
  const { LANGFIELD_MODELS: chosen, XDG_DATA_HOME: data } = process.env;
  const folder = chosen || join(data || join(homedir(), '.local', 'share'), 'langfield', 'models');
  return resolve(folder).replaceAll('\\', '/');
}

/** --from, else $LANGFIELD_MODEL_HUB, else the Hugging Face hub; --offline and $LANGFIELD_OFFLINE leave folders only. */
export function modelSource(flags: { from?: string; offline?: boolean }): ModelSource {
  const source = sourceOf(flags.from ?? (process.env.LANGFIELD_MODEL_HUB || defaultHub));
  if (source.kind === 'folder') return { kind: 'folder', folder: resolve(source.folder).replaceAll('\\', '/') };
  const isOffline = flags.offline || !['', '0', 'false'].includes(process.env.LANGFIELD_OFFLINE ?? '');
  return source.kind === 'hub' && isOffline ? { kind: 'offline', base: source.base } : source;
}

/** Opens an encoder that was made or found (one tile, one phrase: it has worked once) and says how to use it. */
export async function introduceEncoder(
  { folder, built }: { folder: string; built: boolean },
  usedAs: string,
  { platform, print }: CliContext,
): Promise<void> {
  const encoder = await openEncoder(folder, platform.files, await loadNodeRuntime());
  const dense = encoder.dense ? `, dense features of ${encoder.dense.dim} numbers` : '';
  print(`${built ? 'made' : 'already there'}: ${folder}`);
  print(`${encoder.name}: ${encoder.dim} numbers, tiles of ${encoder.inputSide} pixels${dense}`);
  print(`use it: langfield train <capture> --encoder ${usedAs}`);
  await encoder.close();
}
