/** `langfield view`: a trained scene in the browser, served from this machine. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import { LangfieldError } from '../errors.ts';
import { openRunHead } from '../field/run-folder.ts';
import { isLoopbackHost } from '../viewer/server/access.ts';
import { startViewServer } from '../viewer/server/view-server.ts';
import { describeSite, findTextSource, type TextSource } from '../viewer/site.ts';
import type { CliContext } from './context.ts';
import { encoderFolderOf } from './encoder-folder.ts';
import { openHelp, openPage } from './open-browser.ts';
import { pageFolder } from './page-folder.ts';

interface ViewFlags {
  port: number;
  host: string;
  token?: string;
  encoder?: string;
  open: boolean;
}

export const defaultPort = 7788;

export function addViewCommand(program: Command, context: CliContext): void {
  program
    .command('view')
    .description('Look at a trained scene in the browser and ask it, until Ctrl-C.')
    .argument('<run>', 'folder that "langfield train" wrote')
    .option('--port <number>', 'port of the page; 0 = any free one', portNumber, defaultPort)
    .option('--host <address>', 'address to listen on; any but loopback needs a token', '127.0.0.1')
    .option('--token <text>', 'token that visitors need (made up when --host is not loopback and none is given)')
    .option('--encoder <folder>', 'folder of the encoder, when it is no longer where it was at training time')
    .option('--open', openHelp, false)
    .action((folder: string, flags: ViewFlags) => view(folder, flags, context));
}

async function view(folder: string, flags: ViewFlags, context: CliContext): Promise<void> {
  const { platform, progress, print } = context;
  const text = await textSourceOrReason(folder, flags.encoder, context);
  if ('cannotAsk' in text) progress.warn(`${text.cannotAsk} The scene is shown without a search.`);
  const loopback = isLoopbackHost(flags.host);
  const server = await startViewServer({
    page: pageFolder(platform),
    describe: () => describeSite(folder, text, platform, true),
    host: flags.host,
    port: flags.port,
    token: flags.token ?? (loopback ? undefined : randomBytes(16).toString('hex')),
    machine: platform,
    onFault: (problem) => progress.warn(problem),
  });
  print(`${folder} is shown at ${server.url}`);
  if (!loopback)
    progress.log(
      'Browsers on other machines share no memory between threads over plain HTTP and render with one; ' +
        'an SSH tunnel to a server on loopback gives them all.',
    );
  if (flags.open) openPage(server.url, (line) => progress.log(line));
  progress.log('Press Ctrl-C to stop.');
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}

/** The run without a search is still worth looking at, so a missing encoder is no reason to stop. */
export async function textSourceOrReason(
  folder: string,
  flag: string | undefined,
  { platform }: CliContext,
): Promise<TextSource | { cannotAsk: string }> {
  const head = await openRunHead(folder, platform.files);
  const { encoder } = head.config;
  if (encoder === undefined) return { cannotAsk: 'This run has no language field.' };
  try {
    return await findTextSource(head, flag === undefined ? encoder.folder : encoderFolderOf(flag, platform), platform);
  } catch (error) {
    if (flag !== undefined || !(error instanceof LangfieldError)) throw error;
    return { cannotAsk: `The encoder ${encoder.name} of this run cannot be used: ${error.message}` };
  }
}

export function portNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65535) return value;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}
