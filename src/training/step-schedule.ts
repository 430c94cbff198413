/**
 * The stages of a training run and what a step of each is told to do: learning rates, anneal exponent, proposal
 * updates (spec §2.8, §4.5). Two stages are exact because no language loss reaches the geometry (spec §2.7): first
 * the radiance field, then the language fields on the frozen geometry. 'joint' does both in every step, as LERF does.
 */
import type { StepSettings } from '../engines/engine.ts';
import { annealExponent, exponentialDecay, ProposalUpdateSchedule } from '../ops/schedules/schedules.ts';
import type { TrainingSettings } from './settings.ts';

export type StageName = 'radiance' | 'language' | 'joint';

export interface Stage {
  name: StageName;
  steps: number;
  /** Added to the step number to key random numbers, so that stages draw different rays. */
  counterBase: number;
}

/** Far above any number of steps, and still a 32-bit counter. */
const languageCounterBase = 2 ** 30;

type StageSettings = Pick<TrainingSettings, 'steps' | 'languageSteps' | 'joint'>;

/** The stages of a run with `fields` language fields. */
export function planStages({ steps, languageSteps, joint }: StageSettings, fields: number): Stage[] {
  if (fields > 0 && joint) return [{ name: 'joint', steps, counterBase: 0 }];
  const radiance: Stage = { name: 'radiance', steps, counterBase: 0 };
  return fields > 0 ? [radiance, languageStage(languageSteps)] : [radiance];
}

export function languageStage(steps: number): Stage {
  return { name: 'language', steps, counterBase: languageCounterBase };
}

/** Settings of step 0, 1, … of one stage. */
export class StepSchedule {
  private readonly stage: StageName;
  private readonly settings: TrainingSettings;
  private readonly proposals = new ProposalUpdateSchedule();

  constructor(stage: StageName, settings: TrainingSettings) {
    this.stage = stage;
    this.settings = settings;
  }

  at(step: number): StepSettings {
    const s = this.settings;
    const trainRadiance = this.stage !== 'language';
    const decayed = (initial: number, final: number, maxSteps: number) =>
      exponentialDecay(step, { initial, final, maxSteps });
    return {
      step,
      trainRadiance,
      trainLanguage: this.stage !== 'radiance',
      updateProposals: trainRadiance && this.proposals.isUpdate(step),
      // Frozen geometry is sampled as a finished radiance field is.
      anneal: trainRadiance ? annealExponent(step) : 1,
      learningRates: {
        proposal: s.proposalRate,
        fields: decayed(s.fieldsRate, s.fieldsFinalRate, s.fieldsDecaySteps),
        camera: decayed(s.cameraRate, s.cameraFinalRate, s.cameraDecaySteps),
        language: decayed(s.languageRate, s.languageFinalRate, s.languageDecaySteps),
      },
    };
  }
}
