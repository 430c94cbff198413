/** A training in progress as the page knows it: the server's word, kept up to date by its stream of news. */
import { batch, computed, signal } from '@preact/signals';
import type { CurvePoint } from '../../../training/curves.ts';
import type { TrainingAction, TrainingReport } from '../../../training/monitor.ts';
import { orderFor, type TrainingNews, trainingPaths } from '../../training-link.ts';

/** The scene is trained by the process that serves it. */
export const live = signal(false);
/** There is nothing to look at yet. */
export const waiting = signal(false);
export const runName = signal<string | undefined>(undefined);
export const report = signal<TrainingReport | undefined>(undefined);
/** Points by stage. */
export const curves = signal<ReadonlyMap<string, readonly CurvePoint[]>>(new Map());
export const connected = signal(false);
/** Why the last order was not taken. */
export const refused = signal<string | undefined>(undefined);

const over = ['stopped', 'finished', 'failed'];

/** Whether steps are being taken, so that the machine has better things to do than to draw. */
export const isTraining = computed(
  () => live.value && ['training', 'pausing', 'stopping'].includes(report.value?.state ?? ''),
);

export const isOver = computed(() => over.includes(report.value?.state ?? ''));

const address = (path: string) => new URL(`./${path}`, document.baseURI).href;
let stream: EventSource | undefined;

/** Nothing was trained, and nothing can be shown. */
export const cameToNothing = computed(() => waiting.value && report.value?.state === 'failed');

/**
 * Follows the training from now on, but not while nobody sees the page: a browser has few connections to one server.
 * @param isWaiting there is nothing to look at yet
 */
export function followTraining(isWaiting: boolean): void {
  waiting.value = isWaiting;
  if (live.value) return;
  live.value = true;
  document.addEventListener('visibilitychange', attend);
  attend();
}

function attend(): void {
  if (document.visibilityState === 'hidden') leave();
  else if (stream === undefined) listen();
}

function leave(): void {
  stream?.close();
  stream = undefined;
}

/** Time until a stream that the server has refused is asked for again. */
const againMs = 10_000;

function listen(): void {
  stream = new EventSource(address(trainingPaths.news));
  stream.onopen = () => {
    connected.value = true;
  };
  stream.onmessage = ({ data }: MessageEvent<string>) => take(JSON.parse(data) as TrainingNews);
  stream.onerror = () => {
    connected.value = false;
    // The browser asks again by itself, unless it was refused. A training that is over may leave at any time.
    const refusedByServer = stream?.readyState === EventSource.CLOSED;
    if (isOver.value || refusedByServer) leave();
    if (refusedByServer && !isOver.value) setTimeout(attend, againMs);
  };
}

function take(news: TrainingNews): void {
  batch(() => {
    runName.value = news.name;
    report.value = news.report;
    if (news.curves.length === 0) return;
    const next = new Map(curves.value);
    for (const { stage, from, points } of news.curves)
      next.set(stage, [...(next.get(stage) ?? []).slice(0, from), ...points]);
    curves.value = next;
  });
}

/** Asks the server for it; what comes of it is in the news. */
export async function order(action: TrainingAction): Promise<void> {
  refused.value = undefined;
  try {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(address(trainingPaths.orders), { method: 'POST', headers, body: orderFor(action) });
    if (!answer.ok) refused.value = (await answer.text()).trim();
  } catch {
    refused.value = 'The training does not answer.';
  }
}
