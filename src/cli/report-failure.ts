/**
 * Turns whatever goes wrong into a line for the user and an exit code (exit-codes.ts). Apart from the commands, which bring
 * every package with them: a benchmark on a bare machine must be able to say what is wrong.
 */
import { CommanderError } from 'commander';
import { LangfieldError } from '../errors.ts';
import { exitCodes, Interrupted } from './exit-codes.ts';

/** Lines go to `write`, each with its newline; `write` is standard error. */
export interface Outlet {
  version: string;
  write(text: string): void;
}

/** Says what went wrong and returns the exit code that goes with it. */
export function reportFailure(error: unknown, outlet: Outlet): number {
  // Commander has already said what it had to say.
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof Interrupted) {
    outlet.write(`${error.message}\n`);
    return exitCodes.interrupted;
  }
  if (error instanceof LangfieldError) {
    outlet.write(`error: ${error.message.replaceAll('\n', ' ')}\n`);
    return exitCodes.userMistake;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  outlet.write(
    `langfield has a defect: ${error instanceof Error ? error.message : String(error)}\n` +
      `Please report it with the command you ran and these lines (langfield ${outlet.version}):\n${stack}\n`,
  );
  return exitCodes.defect;
}
