/** The flags that say how a capture is read, shared by every command that takes one. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CaptureFormat } from '../capture/capture.ts';
import type { Orientation } from '../capture/listing.ts';
import type { OpenCaptureOptions } from '../capture/open-capture.ts';
import type { Centre } from '../capture/orient.ts';

/** What commander hands to an action after addCaptureOptions. */
export interface CaptureFlags {
  format?: CaptureFormat;
  orientation?: Orientation;
  centre?: Centre;
  autoScale: boolean;
  sceneScale: number;
  trainFraction: number;
  downscaleFolder: number | 'auto';
}

const formats: CaptureFormat[] = ['nerfstudio', 'blender', 'colmap-binary', 'colmap-text', 'llff'];

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a positive number.');
  return value;
}

function fraction(text: string): number {
  const value = positive(text);
  if (value > 1) throw new InvalidArgumentError('It must be at most 1.');
  return value;
}

function folderFactor(text: string): number | 'auto' {
  if (text === 'auto') return 'auto';
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be "auto" or a whole number such as 2.');
  return Number(text);
}

export function addCaptureOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <name>', 'capture format (default: detected)').choices(formats))
    .addOption(
      new Option(
        '--orientation <how>',
        'which way is up: the mean of the cameras\' y axes, the direction vertical in all photos, or as it is (default: the capture\'s own wish, else "up")',
      ).choices(['up', 'vertical', 'none']),
    )
    .addOption(
      new Option('--centre <what>', 'what moves to the origin (default: "poses", the mean camera position)').choices([
        'poses',
        'focus',
        'none',
      ]),
    )
    .option('--no-auto-scale', 'do not scale the camera positions into −1 … 1')
    .option('--scene-scale <factor>', 'an extra scale factor', positive, 1)
    .option(
      '--train-fraction <share>',
      'share of the photos to train on, when the capture has no split of its own',
      fraction,
      0.9,
    )
    .option('--downscale-folder <n>', 'read images_<n>/ (1 = the originals)', folderFactor, 'auto');
}

export function captureOptionsOf(flags: CaptureFlags): OpenCaptureOptions {
  const { format, orientation, centre, autoScale, sceneScale, trainFraction, downscaleFolder } = flags;
  return { format, orientation, centre, autoScale, sceneScale, trainFraction, downscaleFolder };
}
