/** How long work takes on a GPU: by timestamps around every dispatch where the device has them, else by the clock of the CPU. */
import type { OpenDevice } from '../../src/engines/webgpu/device.ts';
import { Recorder } from '../../src/engines/webgpu/recorder.ts';

/** A measurement lasts about this long, but no more than `mostRounds` rounds. */
const milliseconds = 40;
const mostRounds = 20;

export class GpuClock {
  readonly timestamps: boolean;
  readonly #recorder: Recorder;

  constructor(opened: OpenDevice) {
    this.timestamps = opened.features.timestamps;
    this.#recorder = new Recorder(opened, { timed: this.timestamps, dispatchesPerSubmit: 16 });
  }

  /** Work that is not measured. */
  async run(work: (recorder: Recorder) => void): Promise<void> {
    work(this.#recorder);
    await this.#recorder.finish();
    this.#recorder.times();
  }

  /** Milliseconds of one round of `work`, compiled and warm. */
  async time(work: (recorder: Recorder) => void): Promise<number> {
    await this.run(work);
    const first = await this.#rounds(work, 1);
    const rounds = Math.min(mostRounds, Math.floor(milliseconds / Math.max(first, 0.001)));
    return rounds > 1 ? await this.#rounds(work, rounds) : first;
  }

  async #rounds(work: (recorder: Recorder) => void, rounds: number): Promise<number> {
    const start = performance.now();
    for (let round = 0; round < rounds; round++) work(this.#recorder);
    await this.#recorder.finish();
    const passed = performance.now() - start;
    if (!this.timestamps) return passed / rounds;
    let sum = 0;
    for (const { milliseconds } of this.#recorder.times().values()) sum += milliseconds;
    return sum / rounds;
  }
}
