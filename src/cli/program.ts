/**
 * The `langfield` program: puts the commands together and runs one command line.
 */
import { Command } from 'commander';
import { commands } from './commands.ts';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { type Outlet, reportFailure } from './report-failure.ts';

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
