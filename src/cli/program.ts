/**
 * The `langfield` program: puts the commands together and turns whatever goes wrong into a line for the user and an
 * exit code (exit-codes.ts).
 */
import { Command, CommanderError } from 'commander';
import { LangfieldError } from '../errors.ts';
import { commands } from './commands.ts';
import type { CliContext } from './context.ts';
import { exitCodes, Interrupted } from './exit-codes.ts';

/** Lines go to `write`, each with its newline; `write` is standard error. */
export interface Outlet {
  version: string;
  write(text: string): void;
}

export function createProgram(context: CliContext, outlet: Outlet): Command {
  const program = new Command('langfield')
    .description('Turn posed photographs into a 3D scene that answers words.')
    .version(outlet.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('Run "langfield <command> --help" to see what it takes.')
    .configureOutput({ writeErr: outlet.write, outputError: (text, write) => write(text) });
  for (const add of commands) add(program, context);
  for (const command of [program, ...program.commands]) command.exitOverride();
  return program;
}

/** Runs one command line (without the program's own name) and returns the exit code. */
export async function runCommandLine(args: readonly string[], context: CliContext, outlet: Outlet): Promise<number> {
  const program = createProgram(context, outlet);
  try {
    if (args.length === 0) {
      context.print(program.helpInformation().trimEnd());
      return exitCodes.done;
    }
    await program.parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    return reportFailure(error, outlet);
  }
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
