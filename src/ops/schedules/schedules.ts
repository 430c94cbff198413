/** What changes with the step number (spec §2.8, §4.5): learning rates, the anneal exponent, proposal updates. */

export interface DecaySettings {
  initial: number;
  /** Absent = constant. */
  final?: number;
  /** Step at which `final` is reached; constant afterwards. */
  maxSteps: number;
}

/** lr0 · (lr1/lr0)^min(step/maxSteps, 1); step 0 is the first one. */
export function exponentialDecay(step: number, { initial, final = initial, maxSteps }: DecaySettings): number {
  const t = Math.min(1, Math.max(0, step / maxSteps));
  return Math.exp(Math.log(initial) * (1 - t) + Math.log(final) * t);
}

/** Exponent a on the proposal weights before resampling: 0 (uniform) at step 0, 1 from step 1000 on. */
export function annealExponent(step: number): number {
  const slope = 10;
  const x = Math.min(1, Math.max(0, step / 1000));
  return (slope * x) / ((slope - 1) * x + 1);
}

/** Steps that must have passed since the last proposal update: 1 at the start, 5 from step 5000 on. */
export function proposalUpdateGap(step: number): number {
  return Math.min(5, Math.max(1, step / 1000));
}

/**
 * In which steps the proposal networks get gradients. The rule looks at the last finished step and at the steps since
 * the last update, so it is a recurrence over the steps from 0; `isUpdate` replays it from the last asked step on (or
 * from 0 when asked about an earlier one), so the answer depends on nothing but the step and a resumed run agrees.
 */
export class ProposalUpdateSchedule {
  private step = -1;
  private sinceUpdate = 1;
  private updated = false;

  isUpdate(step: number): boolean {
    if (step < this.step) {
      this.step = -1;
      this.sinceUpdate = 1;
    }
    while (this.step < step) this.advance();
    return this.updated;
  }

  private advance(): void {
    this.step += 1;
    const lastFinished = Math.max(0, this.step - 1);
    this.updated = this.sinceUpdate > proposalUpdateGap(lastFinished) || lastFinished < 10;
    this.sinceUpdate = this.updated ? 1 : this.sinceUpdate + 1;
  }
}
