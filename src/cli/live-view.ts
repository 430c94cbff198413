/** `langfield train --view`: the viewer's page beside a training that it shows and can pause, resume and stop. */
import { once } from 'node:events';
import process from 'node:process';
import { type Command, Option } from 'commander';
import { LangfieldError } from '../errors.ts';
import { openRunHead, runFiles } from '../field/run-folder.ts';
import { joinPath } from '../platform/platform.ts';
import type { TrainingMonitor } from '../training/monitor.ts';
import { startViewServer, type ViewServer } from '../viewer/server/view-server.ts';
import { describeSite, type Site, type TextSource, waitingSite } from '../viewer/site.ts';
import type { CliContext } from './context.ts';
import { openHelp, openPage } from './open-browser.ts';
import { pageFolder } from './page-folder.ts';
import { defaultPort, portNumber, textSourceOrReason } from './view.ts';

export interface LiveViewFlags {
  view: boolean;
  port?: number;
  open: boolean;
}

export function addLiveViewOptions(command: Command): Command {
  return command
    .option('--view', 'show the training in the browser while it goes on, and until Ctrl-C afterwards', false)
    .addOption(
      new Option('--port <number>', `port of that page; 0 = any free one (default: ${defaultPort})`).argParser(
        portNumber,
      ),
    )
    .option('--open', openHelp, false);
}

/** @throws LangfieldError when an option of the page was given without the page */
export function checkLiveViewFlags({ view, port, open }: LiveViewFlags): void {
  if (view || (port === undefined && !open)) return;
  throw new LangfieldError({
    problem: 'this concerns the page, and no page is asked for',
    field: port === undefined ? '--open' : '--port',
    advice: 'Add --view',
  });
}

export interface LiveView {
  /** Keeps the page there until Ctrl-C; training is over. */
  linger(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the page's server on loopback and prints its address.
 * @param folder of the run, which need not exist yet
 */
export async function startLiveView(
  folder: string,
  flags: LiveViewFlags,
  monitor: TrainingMonitor,
  context: CliContext,
): Promise<LiveView> {
  const { platform, progress, print } = context;
  const server = await startViewServer({
    page: pageFolder(platform),
    describe: describeTraining(folder, context),
    host: '127.0.0.1',
    port: flags.port ?? defaultPort,
    machine: platform,
    training: monitor,
    onFault: (problem) => progress.warn(problem),
  });
  print(`the training of ${folder} is shown at ${server.url}`);
  if (flags.open) openPage(server.url, (line) => progress.log(line));
  return { linger: () => linger(server, context), close: () => server.close() };
}

async function linger(server: ViewServer, { progress }: CliContext): Promise<void> {
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  progress.log(`Training is over; the page stays at ${server.url} until you press Ctrl-C.`);
  await interrupted;
  await server.close();
}

/** The run as it is on disk; before anything is saved, a site that says so. */
function describeTraining(folder: string, context: CliContext): () => Promise<Site> {
  const { files } = context.platform;
  // An encoder's folder is read whole to know that it is the right one: once for each encoder that the run has.
  let known: { identity: string | undefined; text: TextSource | { cannotAsk: string } } | undefined;
  return async () => {
    if ((await files.stat(joinPath(folder, runFiles.scene))) === undefined) return waitingSite(folder);
    const identity = (await openRunHead(folder, files)).config.encoder?.identity;
    if (known === undefined || known.identity !== identity)
      known = { identity, text: await textSourceOrReason(folder, undefined, context) };
    return describeSite(folder, known.text, context.platform, 'training');
  };
}
