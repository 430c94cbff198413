/** Entry of the `langfield` command: connects the program to this process. bin/langfield.mjs loads it. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { nodePlatform } from '../platform/node/index.ts';
import { createProgress } from './progress.ts';
import { runCommandLine } from './program.ts';
import { type Outlet, reportFailure } from './report-failure.ts';

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const progress = createProgress(process.stderr);
const outlet: Outlet = {
  version: packageVersion(),
  write: (text) => {
    progress.abandon();
    process.stderr.write(text);
  },
};

// "langfield … | head" closes the pipe early; that is not a defect.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });

process.on('uncaughtException', (error) => process.exit(reportFailure(error, outlet)));
process.on('unhandledRejection', (error) => process.exit(reportFailure(error, outlet)));

const context = {
  platform: nodePlatform(),
  progress,
  print: (line: string) => progress.interject(() => void process.stdout.write(`${line}\n`)),
};

// Worker threads and file watchers must not keep a finished command alive.
process.exit(await runCommandLine(process.argv.slice(2), context, outlet));
