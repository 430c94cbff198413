/** What the exit code of `langfield` says, and how a command reports that the user stopped it. */
export const exitCodes = {
  done: 0,
  /** Something the user can mend; one line says what. */
  userMistake: 1,
  /** A defect of langfield (EX_SOFTWARE). */
  defect: 70,
  /** Stopped with Ctrl-C (128 + SIGINT). */
  interrupted: 130,
} as const;

/** A command stopped because the user asked it to; everything worth keeping is saved. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
