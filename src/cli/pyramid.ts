/** `langfield pyramid <capture>`: builds the embeddings that training will use and prints what they consist of. */
import type { Command } from 'commander';
import { openCapture } from '../capture/open-capture.ts';
import { describePyramid, summarisePyramid } from '../pyramid/describe-pyramid.ts';
import { defaultPrior, parsePriors, priorChoices } from '../pyramid/prior.ts';
import { addCaptureOptions, type CaptureFlags, captureOptionsOf } from './capture-options.ts';
import type { CliContext } from './context.ts';
import { addLanguageOptions, type LanguageFlags, openLanguage } from './language-options.ts';

interface PyramidFlags extends CaptureFlags, LanguageFlags {
  prior: string;
  allPhotos: boolean;
  json: boolean;
}

export function addPyramidCommand(program: Command, context: CliContext): void {
  const command = program
    .command('pyramid')
    .description('encode the tiles and regions of a capture; training does this by itself when needed')
    .argument('<capture>', 'folder with photographs and cameras')
    .option('--prior <list>', `how regions are used, separated by commas: ${priorChoices.join(', ')}`, defaultPrior)
    .option('--all-photos', 'held-out photos too, not only those that are trained on', false)
    .option('--json', 'print one JSON object as the last line', false);
  addLanguageOptions(addCaptureOptions(command)).action(async (path: string, flags: PyramidFlags) => {
    const wanted = parsePriors(flags.prior);
    const { files, images } = context.platform;
    const language = await openLanguage(flags, context);
    try {
      const capture = await openCapture(path, files, images, captureOptionsOf(flags));
      const photos = capture.photos.filter((photo) => flags.allPhotos || photo.split === 'train');
      const started = context.platform.now();
      const { pyramid } = await language.prepare(photos, wanted);
      const seconds = (context.platform.now() - started) / 1000;
      const { name, dim } = language.encoder;
      context.print(`encoder ${name} (${dim} wide), regions ${language.segmenter.name}, ${photos.length} photos`);
      for (const line of describePyramid(pyramid)) context.print(line);
      context.print(`${seconds.toFixed(1)} s`);
      if (flags.json) context.print(JSON.stringify({ ...summarisePyramid(pyramid), seconds }));
    } finally {
      await language.close();
    }
  });
}
