/**
 * Takes training steps on an engine and checks their losses. Engines that keep losses back (`startStep`) are asked for
 * them every few steps, so that a step need not wait for the one before; the others answer at once.
 */
import type { Engine, StepLosses, StepSettings, TrainingBatch } from '../engines/engine.ts';
import { type ComputedLosses, computedLosses, requireFiniteLosses } from './loss-window.ts';

/** Steps after which losses are asked for at the latest: so soon is a training that diverges stopped. */
const longestWait = 16;

interface StartedStep {
  computed: ComputedLosses;
  where: string;
}

export class StepTaker {
  readonly #engine: Engine;
  #started: StartedStep[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Takes a step; the batch may be refilled when it is done.
   * @param where names stage and step in an error
   * @returns the losses that are known now, of this step and earlier ones, in order
   * @throws DivergedError when one of them is not a finite number
   */
  async take(batch: TrainingBatch, settings: StepSettings, where: string): Promise<StepLosses[]> {
    const step = { computed: computedLosses(batch, settings), where };
    if (!this.#engine.startStep) {
      const losses = await this.#engine.trainStep(batch, settings);
      return checked([losses], [step]);
    }
    await this.#engine.startStep(batch, settings);
    this.#started.push(step);
    return this.#started.length >= longestWait ? this.collect() : [];
  }

  /** The losses that are still missing, in order. */
  async collect(): Promise<StepLosses[]> {
    const started = this.#started;
    this.#started = [];
    if (started.length === 0 || !this.#engine.collectLosses) return [];
    return checked(await this.#engine.collectLosses(), started);
  }
}

function checked(losses: StepLosses[], steps: readonly StartedStep[]): StepLosses[] {
  for (const [index, { computed, where }] of steps.entries()) requireFiniteLosses(losses[index], computed, where);
  return losses;
}
