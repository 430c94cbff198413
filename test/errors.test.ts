/**
 * What the command line does with wrong input: the real program in a process of its own, on a tiny capture and a tiny
 * run. Every mistake must end in exactly one line that names the file and says what to do, an exit code of 1, no stack
 * trace, and every file that was there before must still hold the same bytes.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../src/platform/node/index.ts';
import { silentProgress } from '../src/platform/platform.ts';
import { sceneDefaults, writeScene } from '../src/scenes/write-scene.ts';

const program = fileURLToPath(new URL('../bin/langfield.mjs', import.meta.url));
const builtinEncoder = fileURLToPath(new URL('../models/household', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'langfield-errors-'));
const place = (...parts: string[]) => join(root, ...parts);
const cache = place('cache');
const training = ['--steps', '2', '--language-steps', '2', '--rays', '16', '--threads', '1'];

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(command: string, args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', timeout: 60_000 });
  return { code: status, stdout, stderr };
}

const langfield = (...args: string[]) => run(process.execPath, [program, ...args]);

/** Path → content hash of all files in a folder, or of one file. */
function fingerprint(path: string, into = new Map<string, string>()): Map<string, string> {
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) fingerprint(join(path, name), into);
  else into.set(path, createHash('sha256').update(readFileSync(path)).digest('hex'));
  return into;
}

/** What a command line could damage: everything it names, and what stands beside it; the cache may be added to. */
function named(args: readonly string[]): Map<string, string>[] {
  const paths = args.map((arg) => place(arg)).filter((path) => path !== root && existsSync(path));
  return [new Map(readdirSync(root).map((name) => [name, 'there'])), ...paths.map((path) => fingerprint(path))];
}

/** One line beginning with "error:" that contains all parts; nothing else that looks like a failure. */
function expectOneLine({ code, stdout, stderr }: Outcome, ...parts: string[]): void {
  const lines = stderr.split('\n').filter((line) => line.startsWith('error:'));
  expect(lines, stderr).toHaveLength(1);
  for (const part of parts) expect(lines[0]).toContain(part);
  // A problem and then advice: two sentences at least.
  expect(lines[0]).toMatch(/\. [A-Z].*\.$/);
  expect(stderr + stdout).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(stderr).not.toContain('defect');
  expect(code).toBe(1);
}

/** Runs a wrong command line and checks that it damaged nothing. */
function expectMistake(args: string[], ...parts: string[]): Outcome {
  const before = named(args);
  const outcome = langfield(...args);
  expectOneLine(outcome, ...parts);
  expect(named(args)).toEqual(before);
  return outcome;
}

interface Transforms {
  frames: { file_path: string; transform_matrix: (number | null)[][]; mask_path?: string; depth_file_path?: string }[];
  train_filenames?: string[];
  test_filenames?: string[];
}

/** A copy of the good capture with its transforms.json changed; the text may be changed once more after that. */
function captureWith(name: string, change: (transforms: Transforms) => void, edit = (text: string) => text): string {
  const folder = place(name);
  cpSync(place('good'), folder, { recursive: true });
  const path = join(folder, 'transforms.json');
  const transforms = JSON.parse(readFileSync(path, 'utf8')) as Transforms;
  change(transforms);
  writeFileSync(path, edit(JSON.stringify(transforms)));
  return name;
}

const unchanged = () => {};

/** A copy of the trained run. */
function copyRun(name: string): string {
  cpSync(place('run'), place(name), { recursive: true });
  return name;
}

/** Rewrites a field of the JSON header of a safetensors file, keeping its length. */
function editHeader(path: string, from: string, to: string): void {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = bytes.subarray(8, 8 + length).toString('utf8');
  expect(header).toContain(from);
  bytes.write(header.replace(from, to), 8, 'utf8');
  writeFileSync(path, bytes);
}

beforeAll(async () => {
  const options = { ...sceneDefaults, views: 6, novelViews: 2, width: 48, height: 36, samples: 1 };
  await writeScene('donuts', place('good'), options, nodePlatform(), silentProgress);
  const outcome = langfield(
    'train',
    'good',
    '--encoder',
    builtinEncoder,
    ...training,
    '--cache',
    cache,
    '--out',
    'run',
  );
  expect(outcome.code, outcome.stderr).toBe(0);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('captures', () => {
  it('a missing image is skipped with one warning that names it', () => {
    const capture = captureWith('missing-one', (transforms) => {
      transforms.frames[2].file_path = 'images/gone.png';
      transforms.train_filenames![2] = 'images/gone.png';
    });
    const { code, stdout, stderr } = langfield('info', capture);
    expect(code, stderr).toBe(0);
    expect((stdout + stderr).split('\n').filter((line) => line.includes('images/gone.png'))).toHaveLength(1);
  });

  it('all images missing', () => {
    const capture = captureWith('missing-all', unchanged);
    rmSync(place(capture, 'images'), { recursive: true });
    expectMistake(['info', capture], 'transforms.json', 'images/train-000.png');
  });

  it('an image that went away between training and resuming', () => {
    const capture = captureWith('vanishing', unchanged);
    const first = langfield('train', capture, ...training, '--out', 'vanished');
    expect(first.code, first.stderr).toBe(0);
    rmSync(place(capture, 'images', 'train-001.png'));
    expectMistake(['train', '--resume', '--steps', '4', '--out', 'vanished'], 'train-001.png');
  });

  it('a truncated JPEG', async () => {
    const capture = captureWith('truncated', unchanged, (text) =>
      text.replaceAll('images/train-004.png', 'images/train-004.jpg'),
    );
    const { images } = nodePlatform();
    const photo = await images.decode(readFileSync(place('good', 'images', 'train-004.png')), 'train-004.png');
    const jpeg = await images.encodeJpeg(photo, 90);
    rmSync(place(capture, 'images', 'train-004.png'));
    writeFileSync(place(capture, 'images', 'train-004.jpg'), jpeg.subarray(0, Math.floor(jpeg.length * 0.6)));
    expectMistake(['train', capture, ...training, '--out', 'from-truncated'], 'train-004.jpg');
    expect(existsSync(place('from-truncated', 'config.json'))).toBe(false);
  });

  it.each([
    ['null', 'null'],
    ['NaN, as Python writes it', 'NaN'],
    ['a number that overflows', '1e999'],
  ])('a pose with %s', (_, value) => {
    const mark = 123456789;
    const capture = captureWith(
      `pose-${value}`,
      (transforms) => {
        transforms.frames[3].transform_matrix[1][3] = mark;
      },
      (text) => text.replace(`${mark}`, value),
    );
    expectMistake(['info', capture], 'transforms.json');
  });

  it('a mask of the wrong size', async () => {
    const { images } = nodePlatform();
    const capture = captureWith('wrong-mask', (transforms) => {
      transforms.frames[1].mask_path = 'masks/train-001.png';
    });
    mkdirSync(place(capture, 'masks'));
    const mask = { width: 20, height: 36, channels: 1 as const, data: new Uint8Array(720).fill(255) };
    writeFileSync(place(capture, 'masks', 'train-001.png'), await images.encodePng(mask));
    expectMistake(['train', capture, ...training, '--out', 'from-mask'], 'masks/train-001.png', '20×36', '48×36');
  });

  it.each([
    ['zero photos', 0, 'no photos'],
    ['one photo', 1, 'too few photos'],
  ])('%s', (name, count, problem) => {
    const capture = captureWith(name.replace(' ', '-'), (transforms) => {
      transforms.frames.length = count;
      transforms.train_filenames = undefined;
      transforms.test_filenames = undefined;
    });
    for (const args of [
      ['info', capture],
      ['train', capture, ...training, '--out', `from-${count}`],
      ['pyramid', capture, '--encoder', builtinEncoder, '--cache', cache],
    ])
      expectMistake(args, 'transforms.json', problem);
  });

  it('an empty folder, and none', () => {
    mkdirSync(place('empty'));
    expectMistake(['info', 'empty'], 'empty', 'transforms.json');
    expectMistake(['info', 'nowhere'], 'nowhere');
  });
});

describe('encoder folders', () => {
  function encoderWith(
    name: string,
    change: (description: { dim: number; image: { size: number; input: string } }) => void,
  ) {
    cpSync(builtinEncoder, place(name), { recursive: true });
    const path = place(name, 'encoder.json');
    const description = JSON.parse(readFileSync(path, 'utf8'));
    change(description);
    writeFileSync(path, JSON.stringify(description));
    return name;
  }
  const pyramid = (encoder: string) => ['pyramid', 'good', '--encoder', encoder, '--cache', cache];

  it('a graph of another width than encoder.json says', () => {
    const encoder = encoderWith('other-width', (description) => {
      description.dim = 17;
    });
    expectMistake(pyramid(encoder), 'other-width', 'dim', '128', '17');
  });

  it('a graph of another input size, and of another input name', () => {
    const size = encoderWith('other-size', (description) => {
      description.image.size = 32;
    });
    expectMistake(pyramid(size), 'other-size', 'image.size', '64', '32');
    const input = encoderWith('other-input', (description) => {
      description.image.input = 'picture';
    });
    expectMistake(pyramid(input), 'other-input', 'picture', 'pixels');
  });

  it('a graph that is no ONNX file', () => {
    const encoder = encoderWith('no-graph', unchanged);
    writeFileSync(place(encoder, 'image.onnx'), 'not a graph');
    expectMistake(pyramid(encoder), 'image.onnx');
  });

  it('another encoder than the run was trained with', () => {
    const encoder = encoderWith('other-identity', (description) => {
      description.image.input = 'pixels';
      Object.assign(description.image, { mean: [0.4, 0.4, 0.4] });
    });
    expectMistake(['query', 'run', 'red', '--encoder', encoder], 'encoder');
  });
});

describe('runs', () => {
  it('a scene file of another version', () => {
    const folder = copyRun('old-scene');
    editHeader(place(folder, 'scene.safetensors'), '"version":"1"', '"version":"0"');
    for (const command of [
      ['query', folder, 'red'],
      ['render', folder],
      ['eval', folder, '--labels', 'good/labels'],
    ])
      expectMistake(command, 'scene.safetensors', 'version', 'found 0', 'expected 1');
  });

  it('a checkpoint of another version', () => {
    const folder = copyRun('old-checkpoint');
    editHeader(place(folder, 'checkpoint.safetensors'), '"version":"1"', '"version":"9"');
    expectMistake(['train', '--resume', '--out', folder, '--cache', cache], 'checkpoint.safetensors', 'found 9');
  });

  it('a run description of another version', () => {
    const folder = copyRun('old-config');
    const path = place(folder, 'config.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"formatVersion": 1', '"formatVersion": 7'));
    expectMistake(['query', folder, 'red'], 'config.json', 'found 7', 'expected 1');
  });

  it('a scene file that lost its end', () => {
    const folder = copyRun('cut-scene');
    const path = place(folder, 'scene.safetensors');
    writeFileSync(path, readFileSync(path).subarray(0, 5000));
    expectMistake(['query', folder, 'red'], 'scene.safetensors');
  });

  it('a folder that already holds a run', () => {
    expectMistake(['train', 'good', ...training, '--out', 'run'], 'run', '--resume');
  });

  it('a folder that is no run, a view that is none, no phrase', () => {
    expectMistake(['query', 'good', 'red'], 'good');
    expectMistake(['query', 'run', 'red', '--views', 'nonsense'], 'nonsense');
    expectMistake(['query', 'run', ' ; '], 'phrase');
  });

  it('labels of another shape, and of another capture', async () => {
    const { images } = nodePlatform();
    const mask = { width: 20, height: 36, channels: 1 as const, data: new Uint8Array(720).fill(255) };
    for (const view of ['train-003', 'elsewhere']) {
      mkdirSync(place(`labels-${view}`, view), { recursive: true });
      writeFileSync(place(`labels-${view}`, view, 'red.png'), await images.encodePng(mask));
    }
    expectMistake(['eval', 'run', '--labels', 'labels-train-003'], 'train-003', '20×36');
    expectMistake(['eval', 'run', '--labels', 'labels-elsewhere'], 'elsewhere');
  });

  it('region maps of another shape', async () => {
    const { images } = nodePlatform();
    const map = { width: 20, height: 36, channels: 1 as const, data: new Uint8Array(720).fill(3) };
    mkdirSync(place('maps'));
    for (const name of readdirSync(place('good', 'images')))
      writeFileSync(place('maps', name), await images.encodePng(map));
    const args = ['pyramid', 'good', '--encoder', builtinEncoder, '--cache', cache, '--segmenter', 'files:maps'];
    expectMistake(args, 'maps', '20×36', '48×36');
  });

  it('the demo does not replace a folder that it did not make', () => {
    expectMistake(['demo', '--out', 'good'], 'good', '--out');
  });
});

describe('built-in scenes and what their encoder knows', () => {
  it('a scene that does not exist, or cannot be written there', () => {
    expectMistake(['scene', 'teatime', '--out', 'tea'], 'teatime', 'tea-time', 'hand-desk');
    expectMistake(
      ['scene', 'donuts', '--views', '4', '--size', '32x24', '--out', 'good/transforms.json'],
      'transforms.json',
    );
  });

  it('a size that is none is a wrong command line', () => {
    const outcome = langfield('scene', 'donuts', '--size', 'large');
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/--size.*320x240/);
  });

  it('a word that is not known is named, with words like it, and the rest is answered', () => {
    const { code, stdout, stderr } = langfield(
      'query',
      'run',
      'shiny mugg; zebra',
      '--long-side',
      '16',
      '--out',
      'asked',
    );
    expect(code, stderr).toBe(0);
    expect(stderr + stdout).toMatch(/does not know "shiny", "mugg" in "shiny mugg".*"mug"/);
    expect(stderr + stdout).toMatch(/"zebra" was not found in any view/);
    expect(existsSync(place('asked', 'zebra'))).toBe(true);
  });
});

// A limit on the size of files makes every larger write fail in the middle, as a full disk does, without root.
describe.skipIf(process.platform === 'win32')('a disk without room', () => {
  const limited = (kilobytes: number, ...args: string[]) =>
    run('bash', ['-c', `ulimit -f ${kilobytes}; exec "$@"`, 'bash', process.execPath, program, ...args]);

  it('a new run that cannot be saved says so', () => {
    const before = fingerprint(place('good'));
    const outcome = limited(64, 'train', 'good', ...training, '--out', 'no-room');
    expectOneLine(outcome, 'no-room');
    expect(fingerprint(place('good'))).toEqual(before);
    expect(existsSync(place('no-room', 'scene.safetensors'))).toBe(false);
  });

  it('a run that gets another language field keeps what it has', () => {
    const folder = copyRun('filling');
    const before = fingerprint(place(folder));
    const args = ['--language-only', folder, '--prior', 'none', '--language-steps', '2', '--cache', cache];
    expectOneLine(limited(64, 'train', ...args), folder);
    const after = fingerprint(place(folder));
    for (const [path, hash] of before) expect(after.get(path), path).toBe(hash);
    expect(readdirSync(place(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('answers that cannot be written leave the run as it was', () => {
    const before = fingerprint(place('run'));
    const outcome = limited(1, 'query', 'run', 'red', '--long-side', '48', '--out', 'no-answers');
    expectOneLine(outcome, 'no-answers');
    expect(fingerprint(place('run'))).toEqual(before);
  });

  it.skipIf(!existsSync('/dev/full'))('a device that is full is called full', async () => {
    await expect(nodePlatform().files.append('/dev/full', 'x')).rejects.toThrow(/disk is full.*Free some space/);
  });
});
