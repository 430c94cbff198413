/** What page and server say to each other about a training in progress. There is none of it in a static export. */
import type { CurveChange } from '../training/curves.ts';
import type { TrainingAction, TrainingReport } from '../training/monitor.ts';

export const trainingPaths = {
  /** A stream of server-sent events, each a TrainingNews. */
  news: 'training/news',
  /** Takes an order as the body of a POST. */
  orders: 'training/orders',
} as const;

/** Every message is whole but for the curves, of which it holds what has changed since the message before. */
export interface TrainingNews {
  /** Name of the run. */
  name: string;
  report: TrainingReport;
  curves: CurveChange[];
}

/** The body that asks for an action; nothing else is understood. */
export const orderFor = (action: TrainingAction): string => JSON.stringify({ action });
