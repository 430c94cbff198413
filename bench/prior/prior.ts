/**
 * `npm run bench -- prior`: what the panoptic prior is worth. Every built-in scene with every seed is photographed and
 * gets one radiance field; on it, language fields for LERF, the printed rule, its ablations and what goes beyond the
 * paper, with regions of the built-in segmenter and with exact ones; every labelled thing and part is scored in novel
 * views. Then the paper's tables. Goes on where it was interrupted (work-folder.ts).
 */

import { encoderFolderOf } from '../../src/cli/encoder-folder.ts';
import { watchInterrupts } from '../../src/cli/interrupt.ts';
import { createProgress, formatDuration } from '../../src/cli/progress.ts';
import { loadNodeRuntime } from '../../src/encoders/node-runtime.ts';
import { openEncoder } from '../../src/encoders/onnx-encoder.ts';
import { nodePlatform } from '../../src/platform/node/index.ts';
import type { Prior } from '../../src/pyramid/prior.ts';
import { tileChoiceNames } from '../../src/pyramid/tile-choice.ts';
import { composition, compositions } from '../../src/scenes/compositions/index.ts';
import type { Bench } from '../bench.ts';
import { type PriorBenchContext, stopIfAsked } from './context.ts';
import { completeFields } from './fields.ts';
import { prepareGeometry } from './geometry.ts';
import { captureSettings, type PriorBenchOptions, scoreSettings } from './options.ts';
import { writeReport } from './report.ts';
import type { Unit } from './results.ts';
import { unitName, WorkFolder } from './work-folder.ts';

export { addOptions } from './options.ts';

export const run: Bench<PriorBenchOptions> = async (options) => {
  const platform = nodePlatform();
  const progress = createProgress(process.stderr);
  const watch = watchInterrupts(progress);
  const context: PriorBenchContext = {
    options,
    platform,
    progress,
    print: (line) => progress.interject(() => console.log(line)),
    work: new WorkFolder(options, platform.files),
    stopRequested: watch.stopRequested,
  };
  try {
    if (!options.reportOnly) await measure(context);
    return await writeReport(context);
  } finally {
    watch.close();
  }
};

async function measure(context: PriorBenchContext): Promise<void> {
  const { options, work, platform } = context;
  const units = unitsOf(options);
  const encoder = await openEncoder(
    encoderFolderOf(options.encoder, platform),
    platform.files,
    await loadNodeRuntime(),
  );
  await encoder.close();
  await work.requireSettings(work.captures, '--captures', captureSettings(options));
  await work.requireSettings(work.out, '--out', scoreSettings(options, encoder));
  const priors: Prior[] = ['none', ...options.priors.filter((prior) => prior !== 'none')];
  let [spent, done] = [0, 0];
  for (const [index, unit] of units.entries()) {
    const start = platform.now();
    const worked = await measureUnit(unit, priors, context);
    if (!worked) continue;
    const seconds = (platform.now() - start) / 1000;
    [spent, done] = [spent + seconds, done + 1];
    const left = formatDuration((spent / done) * (units.length - index - 1));
    context.print(
      `${unitName(unit)}: ${formatDuration(seconds)}; ${index + 1} of ${units.length}, at most ${left} left`,
    );
  }
}

/** Whether there was something to do. LERF needs no regions: it is trained beside the first source of them. */
async function measureUnit(unit: Unit, priors: readonly Prior[], context: PriorBenchContext): Promise<boolean> {
  const { options, work } = context;
  // Fewer tiles are compared with all of them.
  const choices = tileChoiceNames.filter((tiles) => tiles === 'full' || options.tiles.includes(tiles));
  const all = choices.flatMap((tiles) =>
    options.regions.flatMap((regions) => priors.map((prior) => work.result(unit, prior, regions, tiles))),
  );
  if (!(await Promise.all(all.map((path) => work.has(path)))).includes(false)) return false;
  context.progress.log(`── ${unitName(unit)} ──`);
  await prepareGeometry(unit, context);
  for (const tiles of choices)
    for (const [index, regions] of options.regions.entries()) {
      const own = index === 0 ? priors : priors.filter((prior) => prior !== 'none');
      await completeFields(unit, { regions, tiles }, own, context);
      stopIfAsked(context);
    }
  return true;
}

/** All scenes with one seed, then all with the next: what is there after an interruption is whole seeds. */
function unitsOf({ scenes, seeds, firstSeed }: PriorBenchOptions): Unit[] {
  const names = scenes?.map((name) => composition(name).name) ?? compositions.map(({ name }) => name);
  return Array.from({ length: seeds }, (_, index) => firstSeed + index).flatMap((seed) =>
    names.map((scene) => ({ scene, seed })),
  );
}
