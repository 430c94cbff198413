import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyEncoder } from '../../test/tiny-encoder.ts';
import { addEvalCommand } from '../cli/eval.ts';
import * as tiny from '../detectors/tiny-detectors.fixture.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openEncoder } from '../encoders/onnx-encoder.ts';
import { tinyConfig } from '../engines/reference/tiny-scene.fixture.ts';
import { initialParameters } from '../field/initialise.ts';
import { createRun, saveScene } from '../field/run-folder.ts';
import { viewCamera } from '../math/views.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import type { DetectorReport } from './detector-report.ts';

const platform = nodePlatform();
const { files, images } = platform;
const folder = mkdtempSync(`${tmpdir()}/langfield-baseline-`).replaceAll('\\', '/');
afterAll(() => rmSync(folder, { recursive: true }));
const labels = `${folder}/labels`;
const at = (name: string) => `${folder}/${name}`;

async function evaluate(...args: string[]): Promise<{ lines: string[]; warnings: string[]; failure?: Error }> {
  const lines: string[] = [];
  const warnings: string[] = [];
  const progress = { ...silentProgress, warn: (line: string) => void warnings.push(line) };
  const program = new Command('langfield').exitOverride();
  addEvalCommand(program, { platform, progress, print: (line) => void lines.push(line) });
  const failure = await program
    .parseAsync(['eval', ...args, '--threads', '1', '--long-side', '32'], { from: 'user' })
    .then(() => undefined)
    .catch((error: Error) => error);
  return { lines, warnings, ...(failure && { failure }) };
}

async function writeRun(run: string, withLanguage: boolean): Promise<void> {
  const scene = tinyConfig();
  scene.languages = scene.languages.map((language) => ({ ...language, clipDim: 4, dinoDim: 0, hiddenWidth: 16 }));
  if (!withLanguage) scene.languages = [];
  const encoderFolder = writeTinyEncoder(at('encoder'));
  const encoder = await openEncoder(encoderFolder, files, await loadNodeRuntime());
  const { name, identity, dim } = encoder;
  const canonicalPhrases = [...encoder.canonicalPhrases];
  const canonicalEmbeddings = await encoder.encodeTexts(canonicalPhrases);
  await encoder.close();
  const camera = viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0.5), 64, 48, 50);
  const photos = ['a.png', 'b.png'].map((photo, index) => ({
    ...{ name: photo, path: at(`photos/${photo}`), camera },
    split: index === 0 ? ('train' as const) : ('test' as const),
  }));
  await createRun(run, files, {
    config: {
      scene,
      capture: { root: folder, format: 'nerfstudio' },
      worldToScene: { transform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], scale: 1 },
      ...(withLanguage && { encoder: { name, folder: encoderFolder, identity, dim, canonicalPhrases } }),
      training: { downscale: 2 },
    },
    photos,
    ...(withLanguage && { canonicalEmbeddings }),
  });
  await saveScene(run, files, scene, initialParameters(scene, 1));
}

/** Red stands in the same cell of both photos; it is labelled there in a, elsewhere in b. Green is seen in a only. */
beforeAll(async () => {
  const red = { box: [32, 12, 48, 24], colour: [255, 0, 0] };
  const green = { box: [0, 36, 16, 48], colour: [0, 255, 0] };
  const pictures = { 'a.png': tiny.photoWith(red, green), 'b.png': tiny.photoWith(red) };
  for (const [name, picture] of Object.entries(pictures))
    await files.writeAtomic(at(`photos/${name}`), await images.encodePng(picture));
  const object = (category: string, [x0, y0, x1, y1]: number[]) => ({
    category,
    segmentation: [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ],
  });
  // The labelled image is twice the photo's size.
  const write = (image: string, objects: object[]) =>
    files.writeAtomic(
      `${labels}/${image}.json`,
      JSON.stringify({ info: { name: image, width: 128, height: 96 }, objects }),
    );
  await write('a.png', [
    object('red', [100, 60, 120, 90]),
    object('red', [62, 24, 98, 48]),
    object('green', [0, 72, 32, 96]),
    object('blue chair', [0, 0, 40, 40]),
  ]);
  await write('b.png', [object('red', [0, 0, 60, 60])]);
  await writeRun(at('run'), true);
  await writeRun(at('bare'), false);
  await tiny.writeDetector(files, at('yolo'), tiny.yoloDescription(8), tiny.yoloGraph(8));
  await tiny.writeDetector(files, at('owl'), tiny.owlDescription, tiny.owlGraph());
});

const reportOf = (lines: string[]): { detector: DetectorReport; fields: object; pairs: object[]; psnr: number } =>
  JSON.parse(lines.at(-1)!);

describe('langfield eval --baseline', () => {
  it('puts the detector beside the language fields', async () => {
    const { lines, warnings, failure } = await evaluate(
      at('run'),
      '--labels',
      labels,
      '--baseline',
      at('yolo'),
      '--json',
    );
    expect(failure).toBeUndefined();
    const { detector, fields } = reportOf(lines);
    expect(Object.keys(fields)).toEqual(['panoptic', 'none']);
    expect(detector).toMatchObject({
      name: 'tiny YOLOv8',
      folder: at('yolo'),
      pairs: 3,
      notApplicable: ['blue chair'],
    });
    expect(detector.recall).toBeCloseTo(2 / 3, 12);
    expect(detector.localisation).toBeCloseTo(2 / 3, 12);
    expect(detector.phrases).toMatchObject({
      red: { recall: 0.5, pairs: 2 },
      green: { recall: 1 },
      'blue chair': null,
    });
    expect(detector.scores[0]).toMatchObject({ photo: 'a.png', phrase: 'red', box: [32, 12, 48, 24], recall: 1 });
    expect(detector.scores[0].iou).toBeCloseTo((16 * 12) / (18 * 12), 6);
    expect(detector.fieldsOnSamePairs.none.pairs).toBe(3);
    expect(JSON.parse(await files.readText(at('run/eval.json'))).detector).toEqual(detector);
    expect(warnings).toContain('tiny YOLOv8 has no class for "blue chair"');
    const text = lines.join('\n');
    expect(text).toMatch(/tiny YOLOv8 +red +2 +– +– +0\.500 +0\.500/);
    expect(text).toMatch(/tiny YOLOv8 +blue chair +n\/a +– +– +n\/a +n\/a/);
    expect(text).toMatch(/tiny YOLOv8 +mean +3 +– +– +0\.667 +0\.667/);
    expect(text).toMatch(/b\.png +held out +red +tiny YOLOv8 +32 12 48 24 +1\.000 +0\.\d{3} +no +no/);
    expect(text).toContain('cannot express 1 of 3 phrases: blue chair.');
    expect(text).toMatch(/Recall on the 3 pairs it was asked: panoptic \d\.\d{3}, none \d\.\d{3}\./);
    expect(text).toContain('IoU ≥ 0.5');
  });

  it('draws labelled and best boxes', async () => {
    await evaluate(at('run'), '--labels', labels, '--baseline', at('yolo'), '--no-photos');
    const path = at('run/baseline-sheet.png');
    const { data, channels } = await images.decode(await files.readBytes(path), path);
    const count = (...colour: number[]) => {
      let pixels = 0;
      for (let i = 0; i < data.length; i += channels) if (colour.every((value, c) => data[i + c] === value)) pixels++;
      return pixels;
    };
    // Two matches and one miss, at four times the size of the photo.
    expect(count(255, 212, 0)).toBeGreaterThan(400);
    expect(count(255, 47, 160)).toBeGreaterThan(200);
    expect(count(255, 255, 255)).toBeGreaterThan(400);
  });

  it('writes Markdown, and asks a zero-shot detector for everything', async () => {
    const { lines } = await evaluate(at('run'), '--labels', labels, '--baseline', at('owl'), '--markdown', '--json');
    expect(lines.some((line) => /^\| tiny OWL +\| green +\| 1 +\|/.test(line))).toBe(true);
    const { detector } = reportOf(lines);
    expect(detector).toMatchObject({ notApplicable: [], pairs: 4 });
    expect(lines.join('\n')).not.toContain('n/a');
  });

  it('works in a run without a language field', async () => {
    const { lines, warnings } = await evaluate(at('bare'), '--labels', labels, '--baseline', at('yolo'), '--json');
    expect(warnings).toContain('the run has no language field: only the baseline is scored against the labels');
    const { detector, pairs, psnr } = reportOf(lines);
    expect([detector.pairs, pairs]).toEqual([3, []]);
    expect(psnr).toBeGreaterThan(0);
    expect(lines.join('\n')).toMatch(/tiny YOLOv8 +mean +3/);
    const alone = await evaluate(at('bare'), '--labels', labels, '--baseline', at('yolo'), '--no-photos');
    expect(alone.failure).toBeUndefined();
    const without = await evaluate(at('bare'), '--labels', labels);
    expect(without.failure?.message).toMatch(/no language field/);
  });

  it('leaves out a photo that has gone, with a warning', async () => {
    const before = await files.readBytes(at('photos/a.png'));
    await files.remove(at('photos/a.png'));
    const { lines, warnings } = await evaluate(at('run'), '--labels', labels, '--baseline', at('yolo'), '--json');
    await files.writeAtomic(at('photos/a.png'), before);
    expect(reportOf(lines).detector.pairs).toBe(1);
    expect(warnings.join('\n')).toMatch(/a\.png is no longer there/);
  });
});

describe('what goes wrong with the baseline', () => {
  it('is refused before any work when the folder cannot be used', async () => {
    await files.writeAtomic(at('run/eval.json'), 'untouched');
    const { failure, lines } = await evaluate(at('run'), '--labels', labels, '--baseline', at('nowhere'));
    expect(failure?.message).toMatch(/nowhere: there is no detector folder here/);
    expect(lines).toEqual([]);
    const alone = await evaluate(at('run'), '--baseline', at('yolo'));
    expect(alone.failure?.message).toMatch(/--baseline: .*Give --labels/);
    expect(await files.readText(at('run/eval.json'))).toBe('untouched');
  });

  it('never loses the other scores when it comes late', async () => {
    // Grey, which opening tries, stays finite; black and red do not.
    const yolo = tiny.yoloDescription(8);
    const image = { ...yolo.image, mean: [0.5, 0.5, 0.5], std: [1e-39, 1e-39, 1e-39] };
    await tiny.writeDetector(files, at('bursting'), { ...yolo, image }, tiny.yoloGraph(8));
    const { failure, lines } = await evaluate(at('run'), '--labels', labels, '--baseline', at('bursting'), '--json');
    expect(failure).toMatchObject({ name: 'LangfieldError' });
    expect(failure?.message).toMatch(/bursting\/model\.onnx: .*NaN or infinity/);
    const report = reportOf(lines);
    expect(report.psnr).toBeGreaterThan(0);
    expect(report.pairs).toHaveLength(8);
    expect(report.detector).toMatchObject({ recall: null, pairs: 0, failure: failure?.message });
    expect(JSON.parse(await files.readText(at('run/eval.json')))).toEqual(report);
    expect(lines.join('\n')).toContain('tiny YOLOv8 failed and has no scores');
    const alone = await evaluate(at('bare'), '--labels', labels, '--baseline', at('bursting'), '--no-photos');
    expect(alone.failure?.message).toMatch(/NaN or infinity/);
  });

  it('keeps all scores when only the sheet cannot be written', async () => {
    await files.remove(at('run/baseline-sheet.png'));
    await files.makeFolder(at('run/baseline-sheet.png'));
    const { failure, lines } = await evaluate(at('run'), '--labels', labels, '--baseline', at('yolo'), '--json');
    await files.remove(at('run/baseline-sheet.png'));
    expect(failure?.message).toContain('baseline-sheet.png');
    expect(reportOf(lines).detector).toMatchObject({ pairs: 3, failure: failure?.message });
  });
});
