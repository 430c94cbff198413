/**
 * An engine for tests of the loop: its "training" is a few float32 operations that depend on everything a step is
 * given (rays, targets, settings, moments, counters), so that any difference between two runs shows in the bytes.
 */
import type {
  Engine,
  OptimiserState,
  RayBundle,
  RenderResult,
  StepLosses,
  StepSettings,
  TensorMap,
  TrainingBatch,
} from '../engines/engine.ts';
import type { SceneConfig } from '../field/config.ts';
import { initialParameters } from '../field/initialise.ts';
import { describeParameters, type ParameterInfo } from '../field/parameters.ts';

const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] * ((i % 7) + 1);
  return total;
};
const copyOf = (map: TensorMap): TensorMap => new Map([...map].map(([name, data]) => [name, data.slice()]));

export class ArithmeticEngine implements Engine {
  readonly name = 'reference';
  readonly config: SceneConfig;
  /** Steps taken by this object, whatever it was loaded with. */
  taken: StepSettings[] = [];
  /** Called after every step with the number of steps taken; may throw or change the losses. */
  afterStep: (steps: number, losses: StepLosses) => void = () => {};
  private readonly infos: ParameterInfo[];
  private parameters: TensorMap;
  private state: OptimiserState;

  constructor(config: SceneConfig, seed: number) {
    this.config = config;
    this.infos = describeParameters(config);
    this.parameters = initialParameters(config, seed);
    const zeros = () => new Map(this.infos.map(({ name, size }) => [name, new Float32Array(size)]));
    this.state = { first: zeros(), second: zeros(), steps: { proposal: 0, fields: 0, camera: 0, language: 0 } };
  }

  async trainStep(batch: TrainingBatch, settings: StepSettings): Promise<StepLosses> {
    // What arrives must still be there when the step runs: the loop may not refill a batch in flight.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const { origins, directions, cameras, colours, jitter, languages } = batch;
    const targets = languages.reduce(
      (total, { clip, scales, valid }) => total + sum(clip) + sum(scales) + sum(valid),
      0,
    );
    const push = Math.sin([origins, directions, cameras, colours, jitter].reduce((t, a) => t + sum(a), 0) + targets);
    for (const { name, group } of this.infos) {
      if (group === 'language' ? !settings.trainLanguage : !settings.trainRadiance) continue;
      if (group === 'proposal' && !settings.updateProposals) continue;
      const [data, first, second] = [this.parameters, this.state.first, this.state.second].map((map) => map.get(name)!);
      const rate = settings.learningRates[group] * (1 + settings.anneal) * (1 + 1 / (1 + this.state.steps[group]));
      for (let i = 0; i < data.length; i++) {
        first[i] = 0.9 * first[i] + 0.1 * push;
        second[i] = 0.99 * second[i] + 0.01 * push * push;
        data[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + 1e-3);
      }
    }
    for (const group of Object.keys(this.state.steps)) this.state.steps[group] += 1;
    this.taken.push(settings);
    const losses: StepLosses = {
      rgb: settings.trainRadiance ? 0.01 + 0.001 * push : Number.NaN,
      interlevel: Number.NaN,
      distortion: Number.NaN,
      pose: Number.NaN,
      clip: settings.trainLanguage ? languages.map(() => 0.5 + 0.1 * push) : [],
      dino: settings.trainLanguage ? languages.map(() => Number.NaN) : [],
    };
    this.afterStep(this.taken.length, losses);
    return losses;
  }

  async render(rays: RayBundle): Promise<RenderResult> {
    const rgb = Float32Array.from(rays.directions, (value) => Math.abs(value));
    return { rgb, depth: new Float32Array(rays.count), accumulation: new Float32Array(rays.count).fill(1) };
  }

  async readParameters(): Promise<TensorMap> {
    return copyOf(this.parameters);
  }

  async writeParameters(parameters: TensorMap): Promise<void> {
    this.parameters = copyOf(parameters);
  }

  async readOptimiser(): Promise<OptimiserState> {
    return { first: copyOf(this.state.first), second: copyOf(this.state.second), steps: { ...this.state.steps } };
  }

  async writeOptimiser({ first, second, steps }: OptimiserState): Promise<void> {
    this.state = { first: copyOf(first), second: copyOf(second), steps: { ...steps } };
  }

  async close(): Promise<void> {}
}
