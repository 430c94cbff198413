/** Runs a command line of langfield from within langfield, shown as a user would type it. */
import { Command } from 'commander';
import type { AddCommand } from './commands.ts';
import type { CliContext } from './context.ts';

export async function runCommandLine(
  args: string[],
  commands: readonly AddCommand[],
  context: CliContext,
): Promise<void> {
  context.print('');
  context.print(`$ langfield ${args.map(quoted).join(' ')}`);
  const program = new Command('langfield');
  for (const add of commands) add(program, context);
  for (const command of [program, ...program.commands]) command.exitOverride();
  await program.parseAsync(args, { from: 'user' });
}

const quoted = (part: string) => (/[\s;]/.test(part) ? `"${part}"` : part);
