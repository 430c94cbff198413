/** `--encoder builtin`, names of the model store, and other folders. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LangfieldError } from '../errors.ts';
import { findModel } from '../model-store/catalogue.ts';
import { encoderFolder } from '../model-store/store.ts';
import type { Platform } from '../platform/platform.ts';
import { modelStoreFolder } from './models-store.ts';

/** The encoder in the box, by the name that the command line knows it by. */
export const builtinEncoder = 'builtin';

/**
 * Absolute folder of the encoder that a flag names: a folder that holds one comes first, then a name of the model
 * store. A model that could be there and is not is refused with what to do.
 */
export function encoderFolderOf(flag: string, platform: Pick<Platform, 'packagePath'>): string {
  if (flag === builtinEncoder) return platform.packagePath('models/household');
  const folder = resolve(flag);
  if (/[/\\]/.test(flag) || isEncoder(folder)) return folder;
  const store = modelStoreFolder();
  const name = storedName(store, flag);
  if (name !== undefined) return encoderFolder(store, name);
  const model = findModel(flag);
  if (model?.role !== 'encoder') return folder;
  throw new LangfieldError({
    field: '--encoder',
    problem: 'this model is not in the store yet',
    found: flag,
    expected: `an encoder in ${encoderFolder(store, model.name)}`,
    advice: `Get it with "langfield models pull ${model.name}"`,
  });
}

/** Ours, or one in the layout of Hugging Face's ONNX repositories. */
const isEncoder = (folder: string): boolean =>
  existsSync(join(folder, 'encoder.json')) ||
  (existsSync(join(folder, 'config.json')) && existsSync(join(folder, 'onnx')));

/** The name as the store spells it. */
function storedName(store: string, flag: string): string | undefined {
  if (!existsSync(join(store, 'encoders'))) return undefined;
  return readdirSync(join(store, 'encoders')).find(
    (name) => name.toLowerCase() === flag.toLowerCase() && isEncoder(encoderFolder(store, name)),
  );
}
