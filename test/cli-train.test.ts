/** Training as a user sees it: processes that are killed, stopped and resumed on a small capture of real pixels. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../src/formats/safetensors.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { silentProgress } from '../src/platform/platform.ts';
import { defaultPrior } from '../src/pyramid/prior.ts';
import { sceneDefaults, writeScene } from '../src/scenes/write-scene.ts';
import { langfield, startLangfield } from './langfield-process.ts';
import { writeTinyEncoder } from './tiny-encoder.ts';

const folder = mkdtempSync(join(tmpdir(), 'langfield-train-'));
const capture = join(folder, 'capture');
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const [radianceSteps, languageSteps] = [24, 16];
const schedule = ['--steps', `${radianceSteps}`, '--language-steps', `${languageSteps}`, '--rays', '64'];
const saving = ['--save-steps', '7', '--save-seconds', '0', '--log-steps', '1'];

/** On a GPU the order of additions, and so the last bits, differ from run to run. */
const cpu = ['--device', 'cpu'];

function trainArgs(run: string, ...more: string[]): string[] {
  const where = ['--out', at(run), '--cache', at('cache'), '--encoder', at('encoder'), '--threads', '2'];
  return ['train', capture, ...cpu, ...where, ...schedule, ...saving, ...more];
}

const resumeArgs = (run: string, ...more: string[]) => ['train', '--resume', ...cpu, '--out', at(run), ...more];
const sceneBytes = (run: string) => readFileSync(join(at(run), 'scene.safetensors'));
const tensorsOf = (run: string) => decodeSafetensors(sceneBytes(run), run).tensors;

function logged(run: string): { stage: string; step: number }[] {
  const path = join(at(run), 'training-log.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as { stage: string; step: number });
}

interface Interruption {
  signal: 'SIGKILL' | 'SIGINT';
  /** Log in the run folder and the number of lines to wait for. */
  log: string;
  lines: number;
  /** Puts everything back when training was finished before the signal came, which a busy machine may do. */
  reset(): void;
}

async function interrupt(run: string, args: string[], { signal, log, lines, reset }: Interruption) {
  const path = join(at(run), log);
  for (;;) {
    const { child, finished } = startLangfield(...args);
    const timer = setInterval(() => {
      if (!existsSync(path) || readFileSync(path, 'utf8').split('\n').length <= lines) return;
      clearInterval(timer);
      child.kill(signal);
    }, 2);
    const result = await finished.finally(() => clearInterval(timer));
    if (result.code !== 0) return result;
    reset();
  }
}

/** Starts a new run and sends `signal` once so many steps are in the log. */
function trainUntil(lines: number, signal: Interruption['signal'], run: string, args: string[]) {
  const reset = () => rmSync(at(run), { recursive: true });
  return interrupt(run, args, { signal, log: 'training-log.jsonl', lines, reset });
}

beforeAll(async () => {
  const options = { ...sceneDefaults, views: 6, novelViews: 2, width: 64, height: 48, samples: 1 };
  await writeScene('donuts', capture, options, nodePlatform(), silentProgress);
  writeTinyEncoder(at('encoder'));
  const { code, err } = await langfield(...trainArgs('whole'));
  expect(err).not.toContain('defect');
  expect(code).toBe(0);
});

describe('a whole run', () => {
  it('leaves a folder that can be asked, with pictures and a log', async () => {
    expect(readdirSync(at('whole')).sort()).toEqual([
      'cameras.json',
      'canonical.npy',
      'checkpoint.safetensors',
      'config.json',
      'pictures',
      'regions',
      'scene.safetensors',
      'training-log.jsonl',
    ]);
    expect(logged('whole')).toHaveLength(radianceSteps + languageSteps);
    expect(readdirSync(join(at('whole'), 'pictures')).every((name) => name.endsWith('.png'))).toBe(true);
    const rendered = await langfield('render', at('whole'), '--out', at('rendered'), '--size', '32x24');
    expect(rendered).toMatchObject({ code: 0 });
    const asked = await langfield('query', at('whole'), 'red; green', '--out', at('asked'), '--size', '16x12');
    expect(asked).toMatchObject({ code: 0 });
  });

  it('is the same to the byte when it is made again', async () => {
    expect(await langfield(...trainArgs('again'))).toMatchObject({ code: 0 });
    expect(sceneBytes('again').equals(sceneBytes('whole'))).toBe(true);
  });

  it('is not overwritten', async () => {
    const before = sceneBytes('whole');
    const { code, err } = await langfield(...trainArgs('whole'));
    expect(code).toBe(1);
    expect(err).toContain('this folder already holds a run. Continue it with --resume');
    expect(sceneBytes('whole').equals(before)).toBe(true);
  });

  it('that is resumed says that it is finished', async () => {
    const { code, err } = await langfield(...resumeArgs('whole'));
    expect(code).toBe(0);
    expect(err).toContain('This run is finished.');
    expect(err).not.toContain('warning');
    const longer = await langfield(...resumeArgs('whole', '--steps', '900'));
    expect(longer).toMatchObject({ code: 0 });
    expect(longer.err).toContain('warning: the settings given now change nothing');
  });

  it('that was saved before a setting existed is read as it was', async () => {
    cpSync(at('whole'), at('older'), { recursive: true });
    const path = join(at('older'), 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    expect(config.training.dinoSpread).toBe(0.05);
    delete config.training.dinoSpread;
    writeFileSync(path, JSON.stringify(config));
    const { code, err } = await langfield(...resumeArgs('older'));
    expect(code).toBe(0);
    expect(err).toContain('This run is finished.');
    expect(err).not.toContain('warning');
    const wider = await langfield(...resumeArgs('older', '--dino-spread', '1'));
    expect(wider.err).toContain(
      '--dino-spread: this setting cannot change when a run is resumed (found 1; expected 0, as saved in',
    );
  });
});

describe('an interrupted run', () => {
  it.each([
    ['in the radiance stage', 'killed-early', 11],
    ['in the language stage', 'killed-late', radianceSteps + 5],
  ])('that was killed %s resumes to the same bytes', async (_, run, steps) => {
    expect((await trainUntil(steps, 'SIGKILL', run, trainArgs(run))).code).toBeUndefined();
    const { code, err } = await langfield(...resumeArgs(run));
    expect(err).toMatch(/Continuing the (radiance|language) stage at step \d+/);
    expect(code).toBe(0);
    expect(sceneBytes(run).equals(sceneBytes('whole'))).toBe(true);
    expect(logged(run).map(({ step }) => step)).toEqual(logged('whole').map(({ step }) => step));
  });

  it('that was stopped with Ctrl-C has saved, says how to go on, and does', async () => {
    const stopped = await trainUntil(9, 'SIGINT', 'stopped', trainArgs('stopped', '--save-steps', '0'));
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(/Saved at step \d+ of the radiance stage\. Go on with: langfield train --resume --out/);
    const asked = await langfield('render', at('stopped'), '--views', '0', '--size', '8x6', '--out', at('early'));
    expect(asked.err).toMatch(/warning: this run is not finished \(step \d+ of the radiance stage\)\. Go on with/);
    expect(await langfield(...resumeArgs('stopped'))).toMatchObject({ code: 0 });
    expect(sceneBytes('stopped').equals(sceneBytes('whole'))).toBe(true);
  });

  it('refuses to go on as another run, and says what may change', async () => {
    expect((await trainUntil(4, 'SIGINT', 'fixed', trainArgs('fixed'))).code).toBe(130);
    const other = await langfield(...resumeArgs('fixed', '--seed', '5'));
    expect(other.code).toBe(1);
    expect(other.err).toMatch(
      /^error: --seed: this setting cannot change when a run is resumed \(found 5; expected 0/m,
    );
    const shorter = await langfield(...resumeArgs('fixed', '--steps', '16', '--language-steps', '2'));
    expect(shorter.code).toBe(0);
    expect(logged('fixed').at(-1)).toMatchObject({ stage: 'language', step: 2 });
  });

  it('refuses a checkpoint that is cut short and changes nothing', async () => {
    expect((await trainUntil(4, 'SIGINT', 'cut', trainArgs('cut'))).code).toBe(130);
    const path = join(at('cut'), 'checkpoint.safetensors');
    const { files } = nodePlatform();
    await files.writeAtomic(path, readFileSync(path).subarray(0, 5000));
    const before = sceneBytes('cut');
    const { code, err } = await langfield(...resumeArgs('cut'));
    expect(code).toBe(1);
    expect(err).toMatch(/^error: \S+checkpoint\.safetensors: the file is cut short/m);
    expect(sceneBytes('cut').equals(before)).toBe(true);
  });
});

describe('language fields added later', () => {
  const add = (...more: string[]) => ['train', ...cpu, '--language-only', at('grown'), '--prior', 'none', ...more];

  it('leave the geometry and the other fields as they are, and equal those trained with the run', async () => {
    expect(await langfield(...trainArgs('both', '--prior', `${defaultPrior},none`))).toMatchObject({ code: 0 });
    const reset = () => {
      rmSync(at('grown'), { recursive: true, force: true });
      cpSync(at('whole'), at('grown'), { recursive: true });
    };
    reset();
    const interruption = { signal: 'SIGINT', log: 'training-log-none.jsonl', lines: 4, reset } as const;
    const stopped = await interrupt('grown', add(), interruption);
    expect(stopped.code).toBe(130);
    expect(sceneBytes('grown').equals(sceneBytes('whole'))).toBe(true);
    expect(await langfield(...add())).toMatchObject({ code: 0 });
    const [grown, both] = [tensorsOf('grown'), tensorsOf('both')];
    expect([...grown.keys()]).toEqual([...both.keys()]);
    for (const [name, { data }] of grown) expect(data, name).toEqual(both.get(name)!.data);
    const again = await langfield(...add());
    expect(again.code).toBe(1);
    expect(again.err).toContain('the run already has this language field');
    const resumed = await langfield(...resumeArgs('grown'));
    expect(resumed.err).toContain('This run is finished.');
    expect(resumed.code).toBe(0);
  });
});

it('a run whose capture has moved goes on when it is told where to, and only there', async () => {
  const elsewhere = at('elsewhere');
  const args = trainArgs('moving').with(1, elsewhere);
  cpSync(capture, elsewhere, { recursive: true });
  const reset = () => rmSync(at('moving'), { recursive: true });
  const interruption = { signal: 'SIGINT', log: 'training-log.jsonl', lines: 4, reset } as const;
  expect((await interrupt('moving', args, interruption)).code).toBe(130);
  renameSync(elsewhere, at('moved'));
  const lost = await langfield(...resumeArgs('moving'));
  expect(lost.code).toBe(1);
  expect(lost.err).toMatch(/^error: \S+elsewhere\S+: a photo of this run is not there\..*where the capture is now/m);
  const wrong = await langfield('train', at('encoder'), '--resume', '--out', at('moving'));
  expect(wrong.code).toBe(1);
  expect(wrong.err).toMatch(/^error: .*Give the capture that \S+moving was trained on \(it was \S+elsewhere\)/m);
  expect(await langfield('train', at('moved'), ...cpu, '--resume', '--out', at('moving'))).toMatchObject({ code: 0 });
  expect(sceneBytes('moving').equals(sceneBytes('whole'))).toBe(true);
  expect(await langfield('eval', at('moving'))).toMatchObject({ code: 0 });
});

it('without an encoder trains the radiance field alone and says so', async () => {
  const args = ['train', capture, '--out', at('plain'), '--steps', '3', '--rays', '16', '--threads', '1'];
  const { code, err } = await langfield(...args);
  expect(code).toBe(0);
  expect(err).toContain('No encoder given: training the radiance field alone.');
  const asked = await langfield('query', at('plain'), 'red');
  expect(asked.code).toBe(1);
  expect(asked.err).toContain('the run has no language field to ask');
});
