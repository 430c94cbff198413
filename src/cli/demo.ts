/**
 * `langfield demo`: the whole main job on a built-in scene. It only runs commands that any user can run, prints each
 * before it does, and ends with one picture and one table: LERF beside the panoptic prior beside the truth, in views
 * that were never trained on.
 */
import { type Command, Option } from 'commander';
import { LangfieldError } from '../errors.ts';
import { readLabels } from '../evaluate/labels/read-labels.ts';
import type { EvaluationReport } from '../evaluate/report.ts';
import { type TableValue, textTable } from '../formats/text-table.ts';
import { joinPath } from '../platform/platform.ts';
import { defaultPrior } from '../pyramid/prior.ts';
import { composition, compositions } from '../scenes/compositions/index.ts';
import { sceneDefaults } from '../scenes/write-scene.ts';
import type { CliContext } from './context.ts';
import { drawDemoSheet } from './demo-sheet.ts';
import { addEvalCommand } from './eval.ts';
import { wholeNumber } from './numbers.ts';
import { addQueryCommand } from './query.ts';
import { addRegionsCommand } from './regions.ts';
import { runCommandLine } from './run-command-line.ts';
import { addSceneCommand } from './scene.ts';
import { addTrainCommand } from './train.ts';

interface DemoFlags {
  out: string;
  scene: string;
  seed: number;
  quick: boolean;
}

/** Photos, and steps of the radiance field and of each language field. */
const lengths = {
  full: { views: 30, novelViews: 3, size: '240x180', steps: 2000, languageSteps: 800 },
  quick: { views: 12, novelViews: 2, size: '120x90', steps: 400, languageSteps: 250 },
};

/** Language fields by their names in the table and the picture. */
export const demoFields = { none: 'LERF', [defaultPrior]: 'ours' };

/** Nothing of this name is in any scene: the honest answer is that it was not found. */
const absentPhrase = 'toy robot';

/** Says that a folder was made by this command, so that it may be replaced by it. */
const marker = 'demo.json';

export function addDemoCommand(program: Command, context: CliContext): void {
  program
    .command('demo')
    .description('Make a built-in scene, train on it, ask it, score the answers: all of langfield in a few minutes.')
    .option('--out <folder>', 'where everything goes; a demo of before is replaced', 'runs/demo')
    .addOption(
      new Option('--scene <name>', 'which built-in scene')
        .choices(compositions.map(({ name }) => name))
        .default(compositions[0].name),
    )
    .option('--seed <n>', 'another seed is another table', wholeNumber(0, 2 ** 31 - 1), sceneDefaults.seed)
    .option('--quick', 'fewer photos and much shorter training: a look at the flow, not at the quality', false)
    .action((flags: DemoFlags) => demo(flags, context));
}

async function demo({ out, scene, seed, quick }: DemoFlags, context: CliContext): Promise<void> {
  const { platform, print } = context;
  const { files } = platform;
  const started = platform.now();
  const place = demoPlaces(out);
  await clearDemo(out, context);
  const { views, novelViews, size, steps, languageSteps } = quick ? lengths.quick : lengths.full;
  const run = (args: string[]) => runCommandLine(args, demoCommands, context);

  const photos = ['--views', `${views}`, '--novel-views', `${novelViews}`, '--size', size];
  await run(['scene', scene, '--seed', `${seed}`, ...photos, '--out', place.capture]);
  const cache = ['--cache', joinPath(out, 'cache')];
  await run(['regions', place.capture, '--photos', '6', '--out', place.regions, ...cache]);
  const training = ['--steps', `${steps}`, '--language-steps', `${languageSteps}`, '--no-pose-refinement'];
  const language = ['--encoder', 'builtin', '--prior', Object.keys(demoFields).join(','), ...cache];
  await run(['train', place.capture, ...language, ...training, '--out', place.run]);
  const asked = composition(scene).demoPhrases;
  const all = [...asked, absentPhrase].join('; ');
  await run(['query', place.run, all, '--views', 'test', '--field', 'all', '--out', place.query]);
  const seen = await labelledPhrases(asked, place.labels, context);
  await run(['eval', place.run, '--labels', place.labels, '--phrases', seen.join('; '), '--long-side', '160']);

  const report = JSON.parse(await files.readText(joinPath(place.run, 'eval.json'))) as EvaluationReport;
  const sheet = await drawDemoSheet(place, scene, asked, report, platform);
  await files.writeAtomic(place.sheet, await platform.images.encodePng(sheet));
  for (const line of summary(report)) print(line);
  for (const line of farewell(place, (platform.now() - started) / 1000)) print(line);
}

/** Those of the phrases that a novel view shows: what is hidden behind other things everywhere has no truth there. */
async function labelledPhrases(
  phrases: readonly string[],
  labels: string,
  { platform: { files, images } }: CliContext,
): Promise<string[]> {
  const { views } = await readLabels(files, images, labels);
  return phrases.filter((phrase) => views.some(({ categories }) => categories.has(phrase)));
}

const demoCommands = [addSceneCommand, addRegionsCommand, addTrainCommand, addQueryCommand, addEvalCommand];

export interface DemoPlaces {
  capture: string;
  /** Exact labels of the novel views. */
  labels: string;
  /** The same as masks. */
  masks: string;
  regions: string;
  run: string;
  query: string;
  sheet: string;
}

function demoPlaces(out: string): DemoPlaces {
  const inOut = (name: string) => joinPath(out, name);
  return {
    capture: inOut('capture'),
    labels: inOut('capture/labels/novel/polygons'),
    masks: inOut('capture/labels/novel/masks'),
    regions: inOut('regions.png'),
    run: inOut('run'),
    query: inOut('query'),
    sheet: inOut('demo.png'),
  };
}

/** Removes a demo of before (its embeddings are kept: they are still right), and refuses a folder of other things. */
async function clearDemo(out: string, { platform: { files } }: CliContext): Promise<void> {
  const found = (await files.stat(out)) === undefined ? [] : await files.list(out);
  if (found.length > 0 && !found.includes(marker))
    throw new LangfieldError({
      problem: 'this folder holds something other than a demo',
      file: out,
      found: found.slice(0, 5).join(', '),
      advice: 'Choose another folder with --out',
    });
  for (const name of found) if (name !== marker && name !== 'cache') await files.remove(joinPath(out, name));
  await files.writeAtomic(joinPath(out, marker), '{"madeBy": "langfield demo"}\n');
}

/** What the scores come to, from the JSON that `eval` writes. */
function summary({ psnr, ssim, fields, baselines }: EvaluationReport): string[] {
  const score = (name: string, scores: EvaluationReport['fields'][string] | EvaluationReport['baselines'][string]) => [
    name,
    ...[scores.dRelevancy, scores.ratioAcc, scores.recall, scores.localisation].map(
      (value): TableValue => value ?? undefined,
    ),
  ];
  const names: Record<string, string> = { none: 'LERF (no prior)', [defaultPrior]: 'ours (panoptic prior)' };
  const rows = [
    ...Object.entries(fields).map(([field, scores]) => score(names[field] ?? field, scores)),
    ...Object.entries(baselines).map(([name, scores]) => score(`trivial map of ${name}`, scores)),
  ];
  const columns = [{ title: 'language field' }, { title: 'D_relevancy', decimals: 4 }];
  const table = textTable([...columns, { title: 'Ratio_acc' }, { title: 'recall' }, { title: 'localised' }], rows);
  const seen = `Novel views: PSNR ${psnr?.toFixed(2) ?? '–'} dB, SSIM ${ssim?.toFixed(3) ?? '–'}.`;
  return ['', 'What it comes to, in views that were not trained on, against the exact truth:', '', ...table, '', seen];
}

function farewell(place: DemoPlaces, seconds: number): string[] {
  return [
    `Done in ${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s.`,
    '',
    `The picture to look at:   ${place.sheet}`,
    `The scene and its truth:  ${joinPath(place.capture, 'scene.png')}`,
    `Regions:                  ${place.regions}`,
    `Scores, outlined labels:  ${joinPath(place.run, 'eval-sheet.png')}`,
    `Every map:                ${place.query}`,
    '',
    'Try another question (models/household/README.md says which words the built-in encoder knows):',
    `  npx langfield query ${place.run} "red mug; something to pour from; wooden table"`,
    'another scene:',
    `  npx langfield demo --scene ${compositions[1].name} --out runs/${compositions[1].name}`,
    'and then photographs of your own, with an encoder folder of a real model (docs/encoders.md):',
    '  npx langfield train <your capture> --encoder <folder>',
  ];
}
