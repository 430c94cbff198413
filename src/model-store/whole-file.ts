/**
 * Whether a file that came is whole by its own account. A server can deliver half a file, or a page that says "please
 * log in", with every sign of success; without a known hash only the file itself can tell.
 */
import { LangfieldError } from '../errors.ts';
import { headerLength } from '../formats/safetensors.ts';
import type { FileSystem } from '../platform/platform.ts';

/** Throws for half a file or another kind of file, and removes it; `from` is where it came from. */
export async function requireWhole(path: string, from: string, files: FileSystem): Promise<void> {
  const problem = path.endsWith('.safetensors')
    ? await faultOfSafetensors(path, files)
    : faultOfJson(await files.readText(path));
  if (problem === undefined) return;
  await files.remove(path);
  throw new LangfieldError({
    file: from,
    problem: 'what came from there is not the whole file, and was removed',
    found: problem,
    expected: path.endsWith('.safetensors') ? 'a whole safetensors file' : 'JSON',
    advice: 'Try again; if it stays, name another source with --from',
  });
}

function faultOfJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return text.length === 0
      ? 'an empty file'
      : `${text.length} characters, beginning ${JSON.stringify(text.slice(0, 30))}`;
  }
}

/** The header names the end of every tensor; the last one is the end of the file. */
async function faultOfSafetensors(path: string, files: FileSystem): Promise<string | undefined> {
  const bytes = (await files.stat(path))?.size ?? 0;
  if (bytes < 8) return `${bytes} bytes`;
  const header = headerLength(await files.readRange(path, 0, 8));
  if (header > bytes - 8) return `${bytes} bytes, which end within the header`;
  const text = new TextDecoder().decode(await files.readRange(path, 8, header));
  if (faultOfJson(text) !== undefined) return 'a file of another kind';
  const entries = Object.values(JSON.parse(text) as Record<string, { data_offsets?: number[] }>);
  const end = entries.reduce((last, entry) => Math.max(last, entry?.data_offsets?.[1] ?? 0), 0);
  return 8 + header + end === bytes ? undefined : `${bytes} bytes instead of the ${8 + header + end} of its header`;
}
