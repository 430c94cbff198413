/**
 * A run as a folder for any static host: the page, the scene, the text side of its encoder, small photos. It answers new
 * phrases in the visitor's browser; nothing is sent anywhere.
 */
import { LangfieldError } from '../errors.ts';
import { joinPath, type Platform, type Progress } from '../platform/platform.ts';
import { photoJpeg, type Site, type SiteContent } from './site.ts';
import { sitePaths } from './site-paths.ts';

export interface ExportedSite {
  folder: string;
  files: number;
  bytes: number;
}

/** Below the folder; the page looks for it there. */
const sceneFolder = 'scene';

/**
 * @param page folder of the built page and the paths of its files in it
 * @throws LangfieldError when the folder holds something else than an earlier export
 */
export async function exportSite(
  site: Site,
  page: { folder: string; files: readonly string[] },
  folder: string,
  platform: Pick<Platform, 'files' | 'images'>,
  progress: Progress,
): Promise<ExportedSite> {
  const { files } = platform;
  await refuseForeignFolder(folder, platform);
  const written = new Set<string>();
  let bytes = 0;
  const write = async (path: string, data: Uint8Array) => {
    await files.writeAtomic(joinPath(folder, path), data);
    written.add(path);
    bytes += data.length;
    progress.update(written.size);
  };
  progress.start('writing the site', page.files.length + site.files.size);
  for (const path of page.files) await write(path, await files.readBytes(joinPath(page.folder, path)));
  for (const [path, content] of site.files) await write(joinPath(sceneFolder, path), await bytesOf(content, platform));
  await removeOld(folder, written, platform);
  progress.finish();
  return { folder, files: written.size, bytes };
}

function bytesOf(content: SiteContent, platform: Pick<Platform, 'files' | 'images'>): Promise<Uint8Array> {
  if (content.kind === 'bytes') return Promise.resolve(content.bytes);
  if (content.kind === 'file') return platform.files.readBytes(content.path);
  return photoJpeg(content.photo, content.longSide, platform);
}

async function refuseForeignFolder(folder: string, { files }: Pick<Platform, 'files'>): Promise<void> {
  const found = await files.stat(folder);
  if (found === undefined) return;
  const ours = (await files.stat(joinPath(folder, sceneFolder, sitePaths.manifest))) !== undefined;
  if (found.isDirectory && (ours || (await files.list(folder)).length === 0)) return;
  throw new LangfieldError({
    problem: found.isDirectory ? 'this folder holds other things' : 'this is a file, and an export is a folder',
    file: folder,
    expected: 'a new or empty folder, or an earlier export, which is replaced',
    advice: 'Choose another folder with --web',
  });
}

/** What an earlier export has left in the folders that this one has written to. */
async function removeOld(
  folder: string,
  written: ReadonlySet<string>,
  { files }: Pick<Platform, 'files'>,
): Promise<void> {
  const below = async (path: string): Promise<void> => {
    for (const name of await files.list(joinPath(folder, path))) {
      const entry = joinPath(path, name);
      if ((await files.stat(joinPath(folder, entry)))?.isDirectory) await below(entry);
      else if (!written.has(entry)) await files.remove(joinPath(folder, entry));
    }
  };
  for (const path of ['assets', sceneFolder]) await below(path);
}
