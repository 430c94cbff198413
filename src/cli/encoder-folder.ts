/** `--encoder builtin` and other folders. */
import { resolve } from 'node:path';
import type { Platform } from '../platform/platform.ts';

/** The encoder in the box, by the name that the command line knows it by. */
export const builtinEncoder = 'builtin';

/** Absolute folder of the encoder that a flag names. */
export function encoderFolderOf(flag: string, platform: Pick<Platform, 'packagePath'>): string {
  return flag === builtinEncoder ? platform.packagePath('models/household') : resolve(flag);
}
