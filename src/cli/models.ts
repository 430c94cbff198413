/** `langfield models list | pull | add | verify`: the models people use, as encoders. One file per sub-command. */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { addModelsAddCommand } from './models-add.ts';
import { addModelsListCommand } from './models-list.ts';
import { addModelsPullCommand } from './models-pull.ts';
import { addModelsVerifyCommand } from './models-verify.ts';

export function addModelsCommand(program: Command, context: CliContext): void {
  const models = program
    .command('models')
    .description('published models and the encoders made of them; only "pull" uses the network');
  addModelsListCommand(models, context);
  addModelsPullCommand(models, context);
  addModelsAddCommand(models, context);
  addModelsVerifyCommand(models, context);
  // The program does this for its own commands only; without it a wrong flag ends the process from within.
  for (const command of models.commands) command.exitOverride();
}
