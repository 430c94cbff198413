/** Opens a file only when it really lies in a folder: neither it nor a folder on the way is a link that leads out. */
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/**
 * undefined when the file is absent, leads out of `root`, or is no plain file. Without a root it may be a link (an
 * encoder's files are, in some stores). The caller closes the handle.
 */
export async function openContained(
  path: string,
  root: string | undefined,
): Promise<{ handle: FileHandle; size: number } | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return undefined;
  if (root !== undefined && !real.startsWith((await realpath(root)) + sep)) return undefined;
  // What was checked is opened: a link that replaces it meanwhile is not followed.
  const handle = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => undefined);
  if (handle === undefined) return undefined;
  const found = await handle.stat();
  if (found.isFile()) return { handle, size: found.size };
  await handle.close();
  return undefined;
}
