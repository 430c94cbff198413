/**
 * When to save a training that someone watches: soon at first, when a scene changes most, then ever more rarely, and
 * never so often that saving takes more than a twentieth of the time.
 */

/** Seconds of training before the first save. */
export const firstSaveSeconds = 8;

export interface SavePace {
  /** Seconds since the last save, or since training began. */
  sinceSave: number;
  /** Seconds of training so far, without pauses. */
  trained: number;
  /** Seconds that the last save took. */
  cost: number;
}

export function liveSaveIsDue({ sinceSave, trained, cost }: SavePace): boolean {
  return sinceSave >= Math.max(firstSaveSeconds, trained / 5, 19 * cost);
}
