/**
 * How long work shows itself on a terminal: a bar with an estimate of the time left when standard error is a
 * terminal, and occasional plain lines when it is a file or a pipe. Results never go through here; they are printed
 * on standard output by the commands.
 */
import cliProgress from 'cli-progress';
import type { Progress } from '../platform/platform.ts';

/** The part of a writable stream that is needed; process.stderr is one. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Progress on a terminal that shares the screen with other output. */
export interface TerminalProgress extends Progress {
  /** Takes the bar off the screen, runs `write`, and puts the bar back. */
  interject(write: () => void): void;
  /** Forgets the running stage without a closing line: the work failed. */
  abandon(): void;
}

interface Stage {
  name: string;
  total: number;
  done: number;
  note: string;
  startedMs: number;
  /** Work that was already done when the first update came (a resumed stage); left out of the estimate. */
  firstDone: number | undefined;
}

/** "12 s", "3 min 05 s", "1 h 02 min". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** Seconds that are left at the pace so far; undefined while nothing is known. */
export function remainingSeconds(stage: Pick<Stage, 'total' | 'done' | 'firstDone' | 'startedMs'>, nowMs: number) {
  const worked = stage.done - (stage.firstDone ?? 0);
  if (worked <= 0) return undefined;
  return ((nowMs - stage.startedMs) / 1000 / worked) * Math.max(0, stage.total - stage.done);
}

function beginStage(name: string, total: number, now: () => number): Stage {
  return { name, total, done: 0, note: '', startedMs: now(), firstDone: undefined };
}

function advance(stage: Stage, done: number, note: string | undefined, now: () => number): void {
  // A first update far into the stage means that it was resumed there.
  if (stage.firstDone === undefined) {
    stage.firstDone = done > 1 ? done : 0;
    if (stage.firstDone > 0) stage.startedMs = now();
  }
  stage.done = done;
  if (note !== undefined) stage.note = note;
}

/** Chooses the bar or the plain lines. `now` is in milliseconds. */
export function createProgress(stream: ProgressStream, now: () => number = Date.now): TerminalProgress {
  return stream.isTTY ? barProgress(stream, now) : lineProgress(stream, now);
}

/** Plain lines: the beginning, a line at every twentieth of the work or every 15 seconds (never closer than 2), the end. */
export function lineProgress(stream: ProgressStream, now: () => number): TerminalProgress {
  let stage: Stage | undefined;
  let printed = { done: 0, ms: 0 };
  const write = (line: string) => void stream.write(`${line}\n`);
  const finish = (note?: string) => {
    if (!stage) return;
    const took = formatDuration((now() - stage.startedMs) / 1000);
    write(`${stage.name}: took ${took}${note ? `, ${note}` : ''}`);
    stage = undefined;
  };
  return {
    start(name, total) {
      finish();
      stage = beginStage(name, total, now);
      printed = { done: 0, ms: now() };
      write(`${name} (${total})`);
    },
    update(done, note) {
      if (!stage) return;
      advance(stage, done, note, now);
      const quiet = now() - printed.ms;
      const enough = quiet >= 15_000 || (quiet >= 2_000 && done - printed.done >= stage.total / 20);
      if (!enough || done >= stage.total) return;
      printed = { done, ms: now() };
      const left = remainingSeconds(stage, now());
      const eta = left === undefined ? '' : `, about ${formatDuration(left)} left`;
      write(`${stage.name}: ${done}/${stage.total}${eta}${stage.note ? `, ${stage.note}` : ''}`);
    },
    finish,
    log: write,
    warn: (line) => write(`warning: ${line}`),
    interject: (work) => work(),
    abandon() {
      stage = undefined;
    },
  };
}

/** A bar on a terminal; lines that are logged while it is up appear above it. */
export function barProgress(stream: ProgressStream, now: () => number): TerminalProgress {
  let stage: Stage | undefined;
  let bar: cliProgress.SingleBar | undefined;

  const open = () => {
    if (!stage || bar) return;
    const current = stage;
    bar = new cliProgress.SingleBar({
      format: () => barText(current, now(), stream.columns || 80),
      stream: stream as NodeJS.WritableStream,
      // The command decides what Ctrl-C does; the bar must not catch it.
      gracefulExit: false,
      hideCursor: null,
      clearOnComplete: true,
      fps: 5,
    });
    bar.start(Math.max(1, current.total), current.done);
  };
  const shut = () => {
    bar?.stop();
    bar = undefined;
  };
  const interject = (work: () => void) => {
    const wasOpen = bar !== undefined;
    shut();
    work();
    if (wasOpen) open();
  };
  const line = (text: string) => interject(() => void stream.write(`${text}\n`));
  const finish = (note?: string) => {
    if (!stage) return;
    shut();
    stream.write(`${stage.name}: took ${formatDuration((now() - stage.startedMs) / 1000)}${note ? `, ${note}` : ''}\n`);
    stage = undefined;
  };
  return {
    start(name, total) {
      finish();
      stage = beginStage(name, total, now);
      open();
    },
    update(done, note) {
      if (!stage) return;
      advance(stage, done, note, now);
      bar?.update(done);
    },
    finish,
    log: line,
    warn: (text) => line(`warning: ${text}`),
    interject,
    abandon() {
      shut();
      stage = undefined;
    },
  };
}

function barText(stage: Stage, nowMs: number, columns: number): string {
  const fraction = stage.total > 0 ? Math.min(1, stage.done / stage.total) : 1;
  const filled = Math.round(fraction * 24);
  const left = remainingSeconds(stage, nowMs);
  const parts = [
    `${stage.name} [${'='.repeat(filled)}${' '.repeat(24 - filled)}] ${Math.floor(fraction * 100)}%`,
    `${stage.done}/${stage.total}`,
    left === undefined ? '' : `${formatDuration(left)} left`,
    stage.note,
  ];
  return parts
    .filter((part) => part !== '')
    .join(' | ')
    .slice(0, Math.max(20, columns - 1));
}
