/** The built page as a table of its files; what is not in the table cannot be asked for. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LangfieldError } from '../../errors.ts';

/** Paths below `folder`, with "/"; links are left out. */
export async function listPage(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'));
  if (files.includes('index.html')) return files.sort();
  throw new LangfieldError({
    problem: 'the viewer page is not built',
    file: folder,
    advice: 'Run "npm run build" in a clone of langfield, or install the package again',
  });
}
