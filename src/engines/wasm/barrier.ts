/** A barrier of the engine's threads on two words of shared memory: arrivals and generation. */

/** Rounds of looking before a thread goes to sleep; phases of a step end within microseconds of each other. */
const looks = 2000;

export class Barrier {
  private readonly words: Int32Array;
  private readonly threads: number;

  constructor(buffer: SharedArrayBuffer, address: number, threads: number) {
    this.words = new Int32Array(buffer, address, 2);
    this.threads = threads;
  }

  wait(): void {
    if (this.threads === 1) return;
    const generation = Atomics.load(this.words, 1);
    if (Atomics.add(this.words, 0, 1) + 1 === this.threads) {
      Atomics.store(this.words, 0, 0);
      Atomics.add(this.words, 1, 1);
      Atomics.notify(this.words, 1);
      return;
    }
    for (let look = 0; look < looks; look++) if (Atomics.load(this.words, 1) !== generation) return;
    while (Atomics.load(this.words, 1) === generation) Atomics.wait(this.words, 1, generation);
  }
}
