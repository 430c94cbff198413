/**
 * What is on disk of a model: every file with its length and SHA-256 as they were when it came, so that a later change
 * is noticed. One manifest per folder of the store; a folder without one holds nothing that is used.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath, sha256OfFile } from '../platform/platform.ts';

const manifestName = 'manifest.json';

const fileSchema = z.object({
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the hash comes from: the catalogue, what the hub announced, or only what came the first time. */
  trust: z.literal(['catalogue', 'hub', 'first download', 'made here']),
  /** Address or path it came from. */
  from: z.string().optional(),
});

const manifestSchema = z.object({
  version: z.literal(1),
  model: z.string(),
  licence: z.string().optional(),
  repository: z.string().optional(),
  revision: z.string().optional(),
  /** The commit that the hub resolved the revision to. */
  commit: z.string().optional(),
  /** Name of the dense model of an encoder. */
  dense: z.string().optional(),
  /** ISO time at which all hashes were last found right. */
  verified: z.string().optional(),
  files: z.record(z.string(), fileSchema),
});

export type ManifestFile = z.infer<typeof fileSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** undefined when the folder has none. */
export async function readManifest(folder: string, files: FileSystem): Promise<Manifest | undefined> {
  const path = joinPath(folder, manifestName);
  if (!(await files.stat(path))) return undefined;
  const text = await files.readText(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Falls to the check below.
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new LangfieldError({
    file: path,
    field: issue.path.join('.') || undefined,
    problem: 'the manifest of this model cannot be read',
    found: json === undefined ? 'something that is not JSON' : issue.message,
    advice: 'Remove this folder and pull the model again',
  });
}

export async function writeManifest(folder: string, manifest: Manifest, files: FileSystem): Promise<void> {
  await files.writeAtomic(joinPath(folder, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

export interface FileFault {
  path: string;
  /** "missing", "damaged: …" */
  problem: string;
}

/** Compares length and hash of one file with its entry; undefined when it is whole. */
export async function faultOfFile(
  path: string,
  { bytes, sha256 }: Pick<ManifestFile, 'bytes' | 'sha256'>,
  files: FileSystem,
): Promise<FileFault | undefined> {
  const found = await files.stat(path);
  if (!found || found.isDirectory) return { path, problem: 'missing' };
  if (found.size !== bytes) return { path, problem: `damaged: ${found.size} bytes instead of ${bytes}` };
  const hash = await sha256OfFile(path, files);
  return hash === sha256 ? undefined : { path, problem: `damaged: SHA-256 ${hash} instead of ${sha256}` };
}

/** Every file of a manifest that is not as it was. */
export async function faultsOfFolder(folder: string, manifest: Manifest, files: FileSystem): Promise<FileFault[]> {
  const faults: FileFault[] = [];
  for (const [name, entry] of Object.entries(manifest.files)) {
    const fault = await faultOfFile(joinPath(folder, name), entry, files);
    if (fault) faults.push(fault);
  }
  return faults;
}

/** Manifest entries of files that were made or copied here. */
export async function entriesOf(
  folder: string,
  names: readonly string[],
  files: FileSystem,
): Promise<Record<string, ManifestFile>> {
  const entries: Record<string, ManifestFile> = {};
  for (const name of names) {
    const path = joinPath(folder, name);
    const found = await files.stat(path);
    if (!found || found.isDirectory) continue;
    entries[name] = { bytes: found.size, sha256: await sha256OfFile(path, files), trust: 'made here' };
  }
  return entries;
}
