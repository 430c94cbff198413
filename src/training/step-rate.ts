/** The pace of a training over its last seconds, and the time that is left; pauses do not count. */

interface Sample {
  ms: number;
  step: number;
}

const windowMs = 15_000;
const sampleMs = 250;

export class StepRate {
  private readonly now: () => number;
  private samples: Sample[] = [];
  /** Seconds of the running stage in earlier processes. */
  private before = 0;
  private stageMs = 0;
  private begunMs: number | undefined;
  private pausedAt: number | undefined;
  stepsPerSecond: number | undefined;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.now = now;
  }

  /** A stage begins or goes on. */
  begin(step: number, seconds: number): void {
    this.before = seconds;
    this.stageMs = this.now();
    this.begunMs ??= this.stageMs;
    this.stepsPerSecond = undefined;
    this.samples = [{ ms: this.stageMs, step }];
  }

  stepTaken(step: number): void {
    const ms = this.now();
    const [first] = this.samples;
    if (first && ms > first.ms) this.stepsPerSecond = (1000 * (step - first.step)) / (ms - first.ms);
    if (ms - (this.samples.at(-1)?.ms ?? 0) < sampleMs) return;
    this.samples.push({ ms, step });
    while (this.samples.length > 2 && ms - this.samples[0].ms > windowMs) this.samples.shift();
  }

  pause(): void {
    this.pausedAt = this.now();
  }

  goOn(): void {
    if (this.pausedAt === undefined) return;
    const paused = this.now() - this.pausedAt;
    this.pausedAt = undefined;
    this.stageMs += paused;
    this.begunMs = (this.begunMs ?? 0) + paused;
    for (const sample of this.samples) sample.ms += paused;
  }

  /** Since the first stage of this process began. */
  get trainedSeconds(): number {
    return this.begunMs === undefined ? 0 : ((this.pausedAt ?? this.now()) - this.begunMs) / 1000;
  }

  /** @param minutes that the stage may take; 0 = any */
  secondsLeft({ step, steps }: { step: number; steps: number }, minutes: number): number | undefined {
    if (step >= steps) return 0;
    const byPace = this.stepsPerSecond ? (steps - step) / this.stepsPerSecond : undefined;
    if (minutes === 0) return byPace;
    const spent = this.before + ((this.pausedAt ?? this.now()) - this.stageMs) / 1000;
    return Math.max(0, Math.min(byPace ?? Number.POSITIVE_INFINITY, minutes * 60 - spent));
  }
}
