/** What every step of `bench prior` is given. */
import type { CliContext } from '../../src/cli/context.ts';
import { Interrupted } from '../../src/cli/exit-codes.ts';
import type { PriorBenchOptions } from './options.ts';
import type { WorkFolder } from './work-folder.ts';

export interface PriorBenchContext extends CliContext {
  options: PriorBenchOptions;
  work: WorkFolder;
  /** True once the user pressed Ctrl-C. */
  stopRequested(): boolean;
}

/** @throws Interrupted once the user asked to stop; everything that is finished is saved */
export function stopIfAsked({ stopRequested }: Pick<PriorBenchContext, 'stopRequested'>): void {
  if (stopRequested()) throw new Interrupted('Stopped. The same command goes on from here.');
}
