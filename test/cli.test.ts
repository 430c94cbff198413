import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { exitCodes, Interrupted } from '../src/cli/exit-codes.ts';
import { runCommandLine } from '../src/cli/program.ts';
import { type Outlet, reportFailure } from '../src/cli/report-failure.ts';
import { LangfieldError } from '../src/errors.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { silentProgress } from '../src/platform/platform.ts';
import { langfield as langfieldProcess } from './langfield-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'langfield-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The whole program in this process: as the command, without the half second that starting one takes. */
async function langfield(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const context = { platform: nodePlatform(), progress: silentProgress, print: (line: string) => void (out += line) };
  const code = await runCommandLine(args, context, { version: '1.2.3', write: (text) => void (err += text) });
  return { code, out, err };
}

describe('the langfield process', () => {
  it('prints its version', async () => {
    const { code, out } = await langfieldProcess('--version');
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('ends with the exit code of a mistake and one line on standard error', async () => {
    const { code, out, err } = await langfieldProcess('info', '/nowhere');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: \/nowhere: there is no such capture.*\n$/);
  });
});

describe('the langfield command', () => {
  it('without arguments prints what it can do', async () => {
    const { code, out, err } = await langfield();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const command of ['info', 'regions', 'pyramid', 'train', 'query', 'render', 'eval', 'demo'])
      expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  it.each([
    [['frobnicate'], /error: unknown command 'frobnicate'/],
    [['trian'], /Did you mean train\?/],
    [['info'], /error: missing required argument 'capture'/],
    [['info', 'a', '--colour'], /error: unknown option '--colour'/],
    [['train', 'a', '--preset', 'huge'], /--preset.*'huge' is invalid\. Allowed choices are small, lite, base, big/],
    [['train', 'a', '--steps', 'many'], /^error: --steps: this value is not possible \(found "many"; expected a whole/],
    [['train', 'a', '--prior', 'panoptic,nothing'], /^error: --prior: .*found panoptic,nothing; expected a list of/],
    [['train'], /^error: there is nothing to train on\. Give the folder of a capture/],
    [['train', '--resume', '--out', '/nowhere'], /^error: \/nowhere: this is not a run folder/],
    [['info', '/nowhere'], /^error: \/nowhere: there is no such capture/],
    [['query', '/nowhere', 'fox'], /^error: \/nowhere: this is not a run folder/],
  ])('%j is one clear line and exit code 1', async (args, message) => {
    const { code, out, err } = await langfield(...args);
    expect(err).toMatch(message);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('leaves nothing behind when the capture is wrong', async () => {
    const run = join(folder, 'run');
    expect((await langfield('train', folder, '--out', run)).code).toBe(1);
    expect(await langfield('train', '--resume', '--out', run)).toMatchObject({ code: 1 });
  });
});

describe('failures', () => {
  function report(error: unknown): { code: number; text: string } {
    let text = '';
    const outlet: Outlet = { version: '1.2.3', write: (part) => void (text += part) };
    return { code: reportFailure(error, outlet), text };
  }

  it('of the user are one line', () => {
    const error = new LangfieldError({ problem: 'a pose\nis NaN', file: 'a.json', advice: 'Correct it' });
    expect(report(error)).toEqual({ code: exitCodes.userMistake, text: 'error: a.json: a pose is NaN. Correct it.\n' });
  });

  it('of langfield ask for a report and show where', () => {
    const { code, text } = report(new TypeError('x is undefined'));
    expect(code).toBe(exitCodes.defect);
    expect(text).toMatch(/^langfield has a defect: x is undefined\nPlease report it .*\(langfield 1\.2\.3\):\n/);
    expect(text).toContain('cli.test.ts');
    expect(report('odd').text).toContain('langfield has a defect: odd');
  });

  it('that commander has told already are not told again', () => {
    expect(report(new CommanderError(1, 'commander.x', 'no'))).toEqual({ code: 1, text: '' });
  });

  it('that are a wish to stop say how to go on', () => {
    expect(report(new Interrupted('Saved. Go on with …'))).toEqual({ code: 130, text: 'Saved. Go on with …\n' });
  });
});
