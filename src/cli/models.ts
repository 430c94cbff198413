/** `langfield models add <folder>`: a downloaded CLIP (and DINO) becomes an encoder folder. */
import { type Command, Option } from 'commander';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openEncoder } from '../encoders/onnx-encoder.ts';
import { importEncoder } from '../encoders/vit/import-encoder.ts';
import type { CliContext } from './context.ts';
import { positiveInteger } from './open-scene.ts';

interface AddFlags {
  out: string;
  pixels: 'lerf' | 'model';
  denseSize?: number;
}

export function addModelsCommand(program: Command, context: CliContext): void {
  const models = program.command('models').description('encoders made from published model files');
  models
    .command('add')
    .description('make an encoder folder from the safetensors of a CLIP, and of a DINO in its sub-folder dino/')
    .argument('<folder>', 'folder of the downloaded model: weights, configuration, tokenizer')
    .requiredOption('--out <folder>', 'folder of the encoder')
    .addOption(
      new Option('--pixels <which>', 'normalisation: the constants that LERF uses for every CLIP, or the model’s own')
        .choices(['lerf', 'model'])
        .default('lerf'),
    )
    .option('--dense-size <pixels>', 'shorter side of the photo that DINO sees (default: 500)', positiveInteger)
    .action(async (folder: string, { out, pixels, denseSize }: AddFlags) => {
      const { files } = context.platform;
      const { progress } = context;
      const { built } = await importEncoder(folder, out, files, { pixels, denseSize, progress });
      // Opening runs one tile and one phrase: what is reported as made has worked once.
      const encoder = await openEncoder(out, files, await loadNodeRuntime());
      const dense = encoder.dense ? `, dense features of ${encoder.dense.dim} numbers` : '';
      context.print(`${built ? 'made' : 'already there'}: ${out}`);
      context.print(`${encoder.name}: ${encoder.dim} numbers, tiles of ${encoder.inputSide} pixels${dense}`);
      context.print(`use it: langfield train <capture> --encoder ${out}`);
      await encoder.close();
    });
}
