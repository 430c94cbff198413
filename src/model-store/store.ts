/**
 * The store folder: `files/<model>/` holds what was published, `encoders/<name>/` the encoder folders made of it, each
 * with a manifest. Where the store is, is the command line's business.
 */
import { LangfieldError } from '../errors.ts';
import { joinPath } from '../platform/platform.ts';

export const filesFolder = (store: string, model: string): string => joinPath(store, 'files', model);
export const encoderFolder = (store: string, name: string): string => joinPath(store, 'encoders', name);

/** Names that stand for something else on the command line. */
const taken = new Set(['builtin']);

/** A name under which an encoder may be kept: it becomes a folder and is typed after --encoder. */
export function checkStoreName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) && !taken.has(name.toLowerCase())) return name;
  throw new LangfieldError({
    field: '--name',
    problem: taken.has(name.toLowerCase())
      ? 'this name stands for the encoder in the box'
      : 'this is not a usable name',
    found: JSON.stringify(name),
    expected: 'letters, digits, ".", "_", "-", beginning with a letter or digit',
    advice: 'Choose another name',
  });
}

/** "598.5 MB" */
export function describeBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB'];
  let value = bytes;
  let unit = -1;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}
