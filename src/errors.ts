/**
 * The one error type for things a user can mend. It says which file and field, what was found, what was expected
 * and what to do; the command line prints it as one line and never shows a stack trace for it. Everything else
 * that is thrown is a defect of langfield.
 */

export interface Fault {
  /** What went wrong, as a sentence without a full stop. */
  problem: string;
  /** The file it concerns, as the user would type it. */
  file?: string;
  /** The field, line or entry inside the file. */
  field?: string;
  found?: string;
  expected?: string;
  /** What the user should do, as an imperative sentence without a full stop. */
  advice?: string;
}

export class LangfieldError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault, options?: ErrorOptions) {
    super(describeFault(fault), options);
    this.name = 'LangfieldError';
    this.fault = fault;
  }
}

/** One line: "file: field: problem (found …; expected …). Advice." */
export function describeFault(fault: Fault): string {
  const where = [fault.file, fault.field].filter((part) => part !== undefined).join(': ');
  const details = [
    fault.found === undefined ? undefined : `found ${fault.found}`,
    fault.expected === undefined ? undefined : `expected ${fault.expected}`,
  ].filter((part) => part !== undefined);
  const detail = details.length > 0 ? ` (${details.join('; ')})` : '';
  const advice = fault.advice === undefined ? '' : ` ${fault.advice}.`;
  return `${where === '' ? '' : `${where}: `}${fault.problem}${detail}.${advice}`;
}
