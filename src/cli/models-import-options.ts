/** The flags that decide what an import makes of published files; shared by `models add` and `models pull`. */
import { type Command, Option } from 'commander';
import type { ImportOptions } from '../encoders/vit/import-encoder.ts';
import { positiveInteger } from './open-scene.ts';

export interface ImportFlags {
  pixels: NonNullable<ImportOptions['pixels']>;
  denseSize?: number;
}

export function addImportOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--pixels <which>', 'normalisation: the constants that LERF uses for every CLIP, or the model’s own')
        .choices(['lerf', 'model'])
        .default('lerf'),
    )
    .option('--dense-size <pixels>', 'shorter side of the photo that DINO sees (default: 500)', positiveInteger);
}
