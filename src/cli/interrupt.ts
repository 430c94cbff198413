/**
 * Ctrl-C during training: the first one asks the loop to stop after its step and save, the second ends the program at
 * once. The handlers are there only from the first question on, so that Ctrl-C while photos are read or tiles are
 * encoded (work that is kept as it is done) ends the program as usual.
 */
import process from 'node:process';
import type { Progress } from '../platform/platform.ts';
import { exitCodes } from './exit-codes.ts';

export interface InterruptWatch {
  stopRequested(): boolean;
  /** Whether there was one, without asking for the handlers. */
  readonly interrupted: boolean;
  /** Gives Ctrl-C its usual meaning back. */
  close(): void;
}

const signals = ['SIGINT', 'SIGTERM'] as const;

/** @param onInterrupt called at the first one */
export function watchInterrupts(progress: Pick<Progress, 'log'>, onInterrupt: () => void = () => {}): InterruptWatch {
  let watching = false;
  let requested = false;
  const listener = () => {
    if (requested) process.exit(exitCodes.interrupted);
    requested = true;
    onInterrupt();
    progress.log('Stopping after this step and saving; press Ctrl-C again to stop at once without saving.');
  };
  return {
    stopRequested() {
      if (!watching) for (const signal of signals) process.on(signal, listener);
      watching = true;
      return requested;
    },
    get interrupted() {
      return requested;
    },
    close() {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
