/** What every command gets: the machine, where progress goes, and how results are printed. */
import type { Platform, Progress } from '../platform/platform.ts';

export interface CliContext {
  platform: Platform;
  progress: Progress;
  /** One line of result on standard output. */
  print(line: string): void;
}
