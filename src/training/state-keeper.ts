/**
 * Keeps the state of a training run on disk: scene, checkpoint and log; and finds it again. The checkpoint is written
 * after the scene and each is atomic: wherever a process is killed, going on from the checkpoint on disk gives both.
 */
import type { Engine } from '../engines/engine.ts';
import type { TrainingPosition } from '../field/checkpoint.ts';
import type { TensorMap } from '../field/parameters.ts';
import { loadCheckpoint, runFiles, saveCheckpoint, saveScene } from '../field/run-folder.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import { diverged, type LogEntry } from './loss-window.ts';

export interface StateKeeperOptions {
  folder: string;
  files: FileSystem;
  engine: Engine;
  /** File name of the checkpoint in the folder. */
  checkpointName?: string;
  /** File name of the log in the folder. */
  logName?: string;
  /**
   * Whether the engine's parameters are the run's scene (the default). Language fields that are added to a finished
   * run join its scene only at the end.
   */
  ownsScene?: boolean;
}

export class StateKeeper {
  private readonly options: StateKeeperOptions;
  private readonly checkpointName: string;
  private readonly logPath: string;

  constructor(options: StateKeeperOptions) {
    this.options = options;
    this.checkpointName = options.checkpointName ?? runFiles.checkpoint;
    this.logPath = joinPath(options.folder, options.logName ?? runFiles.log);
  }

  /** Writes the engine's state; refuses to replace a good checkpoint by numbers that are not finite. */
  async save(position: TrainingPosition): Promise<void> {
    const { folder, files, engine } = this.options;
    const parameters = await engine.readParameters();
    requireFinite(parameters, position);
    const optimiser = await engine.readOptimiser();
    const { config } = engine;
    if (this.options.ownsScene !== false) await saveScene(folder, files, config, parameters);
    await saveCheckpoint(folder, files, { config, parameters, optimiser, position }, this.checkpointName);
  }

  /** Loads the checkpoint into the engine and forgets log lines of later steps; undefined when there is none. */
  async restore(): Promise<TrainingPosition | undefined> {
    const { folder, files, engine } = this.options;
    const checkpoint = await loadCheckpoint(folder, files, engine.config, this.checkpointName);
    if (checkpoint === undefined) {
      await files.remove(this.logPath);
      return undefined;
    }
    await engine.writeParameters(checkpoint.parameters);
    await engine.writeOptimiser(checkpoint.optimiser);
    await this.rewindLog(checkpoint.position);
    return checkpoint.position;
  }

  async writeLog(entry: LogEntry): Promise<void> {
    await this.options.files.append(this.logPath, `${JSON.stringify(entry)}\n`);
  }

  /** The lines so far, but for one that a killed process left half-written. */
  async readLog(): Promise<LogEntry[]> {
    const { files } = this.options;
    if ((await files.stat(this.logPath)) === undefined) return [];
    const lines = (await files.readText(this.logPath)).split('\n').filter((line) => line !== '');
    return lines.map(parseLine).filter((entry) => entry !== undefined);
  }

  /** Lines are in order: everything from the first line of the checkpoint's stage that lies after its step is dropped. */
  private async rewindLog({ stage, step }: TrainingPosition): Promise<void> {
    const { files } = this.options;
    if ((await files.stat(this.logPath)) === undefined) return;
    const lines = (await files.readText(this.logPath)).split('\n').filter((line) => line !== '');
    const isLater = (line: string) => {
      const entry = parseLine(line);
      return entry === undefined || (entry.stage === stage && entry.step > step);
    };
    const end = lines.findIndex(isLater);
    if (end < 0) return;
    await files.writeAtomic(
      this.logPath,
      lines
        .slice(0, end)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
}

/** undefined for a line that a killed process left half-written. */
function parseLine(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}

function requireFinite(parameters: TensorMap, { stage, step }: TrainingPosition): void {
  for (const [name, data] of parameters)
    for (const value of data)
      if (!Number.isFinite(value)) throw diverged(`parameter ${name} holds ${value}`, `at step ${step} of ${stage}`);
}
