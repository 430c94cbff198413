/** `langfield models verify [<name>]`: hashes every file of the store again and says what is damaged. */
import type { Command } from 'commander';
import { LangfieldError } from '../errors.ts';
import { catalogue, findModel } from '../model-store/catalogue.ts';
import { verifyStore } from '../model-store/survey.ts';
import type { CliContext } from './context.ts';
import { modelStoreFolder } from './models-store.ts';

export function addModelsVerifyCommand(models: Command, context: CliContext): void {
  models
    .command('verify')
    .description('hash the files of the store again and say what is damaged')
    .argument('[name]', 'one model (default: all)')
    .action(async (name: string | undefined) => {
      const store = modelStoreFolder();
      const verdicts = await verifyStore(store, name, catalogue, context.platform.files);
      for (const verdict of verdicts) {
        const { faults, kind, files } = verdict;
        const state =
          faults.length === 0 ? `whole (${files} files)` : `${faults.length} of ${files} files are not as they were`;
        context.print(`${verdict.name}, ${kind}: ${state}`);
        for (const { path, problem } of faults) context.print(`  ${path}: ${problem}`);
      }
      if (verdicts.length === 0) context.print(`the store is empty: ${store}`);
      const damaged = verdicts.filter(({ faults }) => faults.length > 0);
      if (damaged.length === 0) return;
      throw new LangfieldError({
        file: store,
        problem: 'there are damaged models',
        found: [...new Set(damaged.map((each) => each.name))].join(', '),
        advice: findModel(damaged[0].name)
          ? `Mend it with "langfield models pull ${damaged[0].name}"`
          : `Make it again with "langfield models add <folder> --name ${damaged[0].name}"`,
      });
    });
}
