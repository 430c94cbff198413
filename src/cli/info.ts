/** `langfield info <capture>`: what was read from a capture folder, before any work is spent on it. */
import type { Command } from 'commander';
import { describeCapture, summariseCapture } from '../capture/describe-capture.ts';
import { openCapture } from '../capture/open-capture.ts';
import { addCaptureOptions, type CaptureFlags, captureOptionsOf } from './capture-options.ts';
import type { CliContext } from './context.ts';

export function addInfoCommand(program: Command, context: CliContext): void {
  const command = program
    .command('info')
    .description('print what a capture holds: photos, cameras, distortion, bounds, warnings')
    .argument('<capture>', 'folder with photographs and cameras')
    .option('--json', 'print one JSON object as the last line', false);
  addCaptureOptions(command).action(async (path: string, flags: CaptureFlags & { json: boolean }) => {
    const { files, images } = context.platform;
    const capture = await openCapture(path, files, images, captureOptionsOf(flags));
    for (const line of describeCapture(capture)) context.print(line);
    if (flags.json) context.print(JSON.stringify(summariseCapture(capture)));
  });
}
