/** `langfield models add <folder>`: a downloaded CLIP (and DINO) becomes an encoder folder, anywhere or in the store. */
import type { Command } from 'commander';
import { importEncoder } from '../encoders/vit/import-encoder.ts';
import { LangfieldError } from '../errors.ts';
import { addEncoder } from '../model-store/pull-encoder.ts';
import { checkStoreName } from '../model-store/store.ts';
import type { CliContext } from './context.ts';
import { addImportOptions, type ImportFlags } from './models-import-options.ts';
import { introduceEncoder, modelStoreFolder } from './models-store.ts';

interface AddFlags extends ImportFlags {
  out?: string;
  name?: string;
}

export function addModelsAddCommand(models: Command, context: CliContext): void {
  const command = models
    .command('add')
    .description('make an encoder folder from the safetensors of a CLIP, and of a DINO in its sub-folder dino/')
    .argument('<folder>', 'folder of the downloaded model: weights, configuration, tokenizer')
    .option('--out <folder>', 'folder of the encoder')
    .option('--name <name>', 'instead: keep it in the model store, for --encoder <name>');
  addImportOptions(command).action(async (folder: string, { out, name, ...options }: AddFlags) => {
    const { files } = context.platform;
    const settings = { ...options, progress: context.progress };
    if ((out === undefined) === (name === undefined))
      throw new LangfieldError({
        field: '--out, --name',
        problem: 'one place for the encoder is needed',
        found: out === undefined ? 'neither' : 'both',
        advice: 'Give --out <folder>, or --name <name> to keep it in the model store',
      });
    if (out !== undefined) {
      await introduceEncoder(await importEncoder(folder, out, files, settings), out, context);
      return;
    }
    const kept = checkStoreName(name!);
    await introduceEncoder(await addEncoder(modelStoreFolder(), kept, folder, files, settings), kept, context);
  });
}
