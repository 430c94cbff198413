/**
 * `langfield demo`: the whole main job on a capture it makes itself. After the photographs it only runs commands that
 * any user can run, prints each before it does, and ends with one picture and one table.
 */
import { relative } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { LangfieldError } from '../errors.ts';
import type { EvaluationReport } from '../evaluate/report.ts';
import { type TableValue, textTable } from '../formats/text-table.ts';
import { joinPath } from '../platform/platform.ts';
import { writeTabletopCapture } from '../scenes/write-capture.ts';
import type { CliContext } from './context.ts';
import { drawDemoSheet } from './demo-sheet.ts';
import { addEvalCommand } from './eval.ts';
import { addQueryCommand } from './query.ts';
import { addRegionsCommand } from './regions.ts';
import { addRenderCommand } from './render.ts';
import { addTrainCommand } from './train.ts';

interface DemoFlags {
  out: string;
  quick: boolean;
}

/** Steps of the radiance field and of the language fields. */
const lengths = { full: { steps: 2500, languageSteps: 800 }, quick: { steps: 400, languageSteps: 300 } };

/** The held-out view of the picture, and how large it is drawn: twice the photo, with the photo's field of view. */
const pictureView = '021';
const pictureShape = ['--size', '320x240', '--fov', '46'];

/** Nothing of this colour is on the table: the honest answer is that it was not found. */
const absentPhrase = 'turquoise bowl';

/** Says that a folder was made by this command, so that it may be replaced by it. */
const marker = 'demo.json';

export function addDemoCommand(program: Command, context: CliContext): void {
  program
    .command('demo')
    .description('Make a small capture, train on it, ask it, score the answers: all of langfield in a few minutes.')
    .option('--out <folder>', 'where everything goes; a demo of before is replaced', 'runs/demo')
    .option('--quick', 'train much shorter: a look at the flow, not at the quality', false)
    .action((flags: DemoFlags) => demo(flags, context));
}

async function demo({ out, quick }: DemoFlags, context: CliContext): Promise<void> {
  const { platform, progress, print } = context;
  const { files } = platform;
  const started = platform.now();
  const place = demoPlaces(out, context);
  await clearDemo(out, context);

  print('A tabletop is photographed by a small ray tracer; everything after that is an ordinary command.');
  const phrases = await writeTabletopCapture(place.capture, files, platform.images, {}, progress);
  const { steps, languageSteps } = quick ? lengths.quick : lengths.full;
  const cache = ['--cache', joinPath(out, 'cache')];
  await runCommand(['regions', place.capture, '--photos', '6', '--out', place.regions, ...cache], context);
  const training = ['--steps', `${steps}`, '--language-steps', `${languageSteps}`, '--no-pose-refinement'];
  const language = ['--encoder', place.encoder, '--prior', 'panoptic,none', ...cache];
  await runCommand(['train', place.capture, ...language, ...training, '--out', place.run], context);
  const asked = [...phrases, absentPhrase];
  const views = ['--views', pictureView, ...pictureShape];
  await runCommand(['render', place.run, ...views, '--out', place.render], context);
  await runCommand(['query', place.run, asked.join('; '), ...views, '--out', place.query], context);
  await runCommand(['eval', place.run, '--labels', place.labels], context);

  const sheet = await drawDemoSheet(place, asked, pictureView, platform);
  await files.writeAtomic(place.sheet, await platform.images.encodePng(sheet));
  const report = JSON.parse(await files.readText(joinPath(place.run, 'eval.json'))) as EvaluationReport;
  for (const line of summary(report)) print(line);
  for (const line of farewell(place, (platform.now() - started) / 1000)) print(line);
}

export interface DemoPlaces {
  capture: string;
  labels: string;
  regions: string;
  encoder: string;
  run: string;
  render: string;
  query: string;
  sheet: string;
}

function demoPlaces(out: string, { platform }: CliContext): DemoPlaces {
  const inOut = (name: string) => joinPath(out, name);
  return {
    capture: inOut('capture'),
    labels: inOut('capture/labels'),
    regions: inOut('regions.png'),
    encoder: relative(process.cwd(), platform.packagePath('models/colour-words')) || '.',
    run: inOut('run'),
    render: inOut('render'),
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

/** Shows a command line and runs it as the command line would. */
async function runCommand(args: string[], context: CliContext): Promise<void> {
  context.print('');
  context.print(`$ langfield ${args.map(quoted).join(' ')}`);
  const program = new Command('langfield');
  for (const add of [addRegionsCommand, addTrainCommand, addRenderCommand, addQueryCommand, addEvalCommand])
    add(program, context);
  for (const command of [program, ...program.commands]) command.exitOverride();
  await program.parseAsync(args, { from: 'user' });
}

const quoted = (part: string) => (/[\s;]/.test(part) ? `"${part}"` : part);

/** What the scores come to, from the JSON that `eval` writes. */
function summary({ psnr, ssim, fields, baselines }: EvaluationReport): string[] {
  const score = (name: string, scores: EvaluationReport['fields'][string] | EvaluationReport['baselines'][string]) => [
    name,
    ...[scores.dRelevancy, scores.ratioAcc, scores.recall, scores.localisation].map(
      (value): TableValue => value ?? undefined,
    ),
  ];
  const names: Record<string, string> = { panoptic: 'panoptic prior', none: 'no prior (LERF)' };
  const rows = [
    ...Object.entries(fields).map(([field, scores]) => score(names[field] ?? field, scores)),
    ...Object.entries(baselines).map(([name, scores]) => score(`trivial map of ${name}`, scores)),
  ];
  const columns = [{ title: 'language field' }, { title: 'D_relevancy', decimals: 4 }];
  const table = textTable([...columns, { title: 'Ratio_acc' }, { title: 'recall' }, { title: 'localised' }], rows);
  const seen = `Held-out photos: PSNR ${psnr?.toFixed(2) ?? '–'} dB, SSIM ${ssim?.toFixed(3) ?? '–'}.`;
  return ['', 'What it comes to, on photos that were not trained on:', '', ...table, '', seen];
}

function farewell(place: DemoPlaces, seconds: number): string[] {
  return [
    `Done in ${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s.`,
    '',
    `The picture to look at:   ${place.sheet}`,
    `Regions:                  ${place.regions}`,
    `Scores, outlined labels:  ${joinPath(place.run, 'eval-sheet.png')}`,
    `Every map:                ${place.query}`,
    '',
    'The built-in encoder knows colours and nothing else. Try another question:',
    `  npx langfield query ${place.run} "something crimson; navy cover"`,
    'and then photographs of your own, with an encoder folder of a real model (docs/encoders.md):',
    '  npx langfield train <your capture> --encoder <folder>',
  ];
}
