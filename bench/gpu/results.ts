/** The results file of `bench gpu`: one line of JSON per finished part, appended at once, so that an end without warning loses nothing. */
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { OpenDevice } from '../../src/engines/webgpu/device.ts';

export interface Part {
  /** "ceilings", "kernels base", … */
  part: string;
  seconds: number;
  /** Absent in a part that failed. */
  figures?: unknown;
  error?: string;
}

export class Results {
  readonly #file: string;
  readonly #about: Record<string, unknown>;
  readonly parts: Part[] = [];

  constructor(file: string, { name, software, features, paths }: OpenDevice) {
    this.#file = file;
    const { timestamps, subgroups, halfPrecision } = features;
    this.#about = {
      adapter: name,
      software,
      timestamps,
      subgroups,
      halfPrecision,
      ...paths,
      node: process.versions.node,
    };
  }

  async add(part: Part): Promise<void> {
    this.parts.push(part);
    await mkdir(dirname(this.#file), { recursive: true });
    const line = { when: new Date().toISOString(), ...this.#about, ...part };
    await appendFile(this.#file, `${JSON.stringify(line)}\n`);
  }
}
