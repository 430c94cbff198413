/** In the place of the picture while there is none yet: what training is doing and when the first one comes. */
import { fatal } from '../state.ts';
import * as state from './state.ts';
import { firstPicture, grouped } from './words.ts';

export function Waiting() {
  const report = state.report.value;
  const failed = state.cameToNothing.value;
  if (!state.waiting.value || (fatal.value !== undefined && !failed)) return null;
  return (
    <div class="card waiting" role={failed ? 'alert' : undefined}>
      <h2>
        {failed
          ? 'Training has failed'
          : report?.state === 'preparing'
            ? 'Training is about to begin'
            : 'Training has begun'}
      </h2>
      {failed && <p>{report?.error}</p>}
      {report?.work && (
        <p>
          {sentenceCase(report.work.what)}: {grouped(report.work.done)} of {grouped(report.work.total)}
        </p>
      )}
      {report && !failed && <p>The first picture comes {firstPicture(report)}.</p>}
    </div>
  );
}

const sentenceCase = (text: string): string => `${text[0].toUpperCase()}${text.slice(1)}`;
