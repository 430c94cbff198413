/** `langfield export`: a trained scene as a folder for a static web host. */
import type { Command } from 'commander';
import { openRunHead } from '../field/run-folder.ts';
import { runEncoder } from '../query/text-vectors.ts';
import { exportSite } from '../viewer/export-site.ts';
import { listPage } from '../viewer/server/page-files.ts';
import { describeSite, findTextSource } from '../viewer/site.ts';
import type { CliContext } from './context.ts';
import { encoderFolderOf } from './encoder-folder.ts';
import { pageFolder } from './page-folder.ts';

interface ExportFlags {
  web: string;
  encoder?: string;
}

export function addExportCommand(program: Command, context: CliContext): void {
  program
    .command('export')
    .description('Write a trained scene as a folder that any static web host can serve and that answers new phrases.')
    .argument('<run>', 'folder that "langfield train" wrote')
    .requiredOption('--web <folder>', 'where the page goes: a new folder, or an earlier export, which is replaced')
    .option('--encoder <folder>', 'folder of the encoder, when it is no longer where it was at training time')
    .action((folder: string, flags: ExportFlags) => exportRun(folder, flags, context));
}

async function exportRun(folder: string, flags: ExportFlags, context: CliContext): Promise<void> {
  const { platform, progress, print } = context;
  const head = await openRunHead(folder, platform.files);
  const encoder = runEncoder(head).folder;
  const source = flags.encoder === undefined ? encoder : encoderFolderOf(flags.encoder, platform);
  const site = await describeSite(folder, await findTextSource(head, source, platform), platform);
  const missing = site.manifest.photos.filter((available) => !available).length;
  if (missing > 0)
    progress.warn(`${missing} of ${site.manifest.photos.length} photos are no longer there and left out`);
  const page = { folder: pageFolder(platform), files: await listPage(pageFolder(platform)) };
  const { files, bytes } = await exportSite(site, page, flags.web, platform, progress);
  print(`${flags.web}: ${files} files, ${(bytes / 2 ** 20).toFixed(1)} MiB; put the folder on any web host`);
}
