/** Runs the `langfield` command in a process of its own, as a user does: for exit codes, signals and kills. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../bin/langfield.mjs', import.meta.url));
const bundledNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
// Not through the launcher's own child: a signal must reach the process that trains.
const node = existsSync(bundledNode) ? bundledNode : process.execPath;

export interface Finished {
  /** undefined when a signal ended the process. */
  code: number | undefined;
  out: string;
  err: string;
}

export interface LangfieldProcess {
  child: ChildProcess;
  finished: Promise<Finished>;
}

export function startLangfield(...args: string[]): LangfieldProcess {
  const child = spawn(node, [launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? undefined, out, err }));
  });
  return { child, finished };
}

export const langfield = (...args: string[]): Promise<Finished> => startLangfield(...args).finished;
