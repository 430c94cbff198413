/** The part of the panel that shows a training in progress and steers it; absent where nothing is trained. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CurvePoint } from '../../../training/curves.ts';
import type { TrainingReport } from '../../../training/monitor.ts';
import { fieldLabel } from '../field-label.ts';
import { notice } from '../state.ts';
import { Chart } from './chart.tsx';
import type { Series } from './chart-scale.ts';
import * as state from './state.ts';
import { duration, grouped, headline, pace, short, spoken, stageName } from './words.ts';

export function TrainingPart() {
  if (!state.live.value) return null;
  const report = state.report.value;
  return (
    <section class="training" aria-label="Training">
      <h2>Training</h2>
      {report ? <Report report={report} /> : <p class="hint">Asking how far it is …</p>}
    </section>
  );
}

function Report({ report }: { report: TrainingReport }) {
  const lost = !state.connected.value && !state.isOver.value;
  return (
    <>
      <Progress report={report} />
      {lost && (
        <p class="warning" role="alert">
          The training does not answer. It may have ended: its terminal says why.
        </p>
      )}
      <Steering report={report} />
      <Outcome report={report} />
      <Curves report={report} />
      <Spoken />
    </>
  );
}

function Progress({ report }: { report: TrainingReport }) {
  const { stage, work, stepsPerSecond, secondsLeft, state: now, saved } = report;
  const [done, total] = stage ? [stage.step, stage.steps] : [work?.done ?? 0, work?.total ?? 0];
  const following = report.stages.slice(report.stages.findIndex(({ name }) => name === stage?.name) + 1);
  return (
    <div class="training-progress">
      <p class="training-headline">{headline(report)}</p>
      {now !== 'finished' && now !== 'failed' && (
        <progress class="training-bar" value={total > 0 ? done / total : undefined} max={1} aria-label="Done" />
      )}
      <p class="training-numbers">
        {!stage && work && total > 0 && `${grouped(done)} of ${grouped(total)}`}
        {stage && now === 'training' && stepsPerSecond !== undefined && <span>{pace(stepsPerSecond)}</span>}
        {stage && now === 'training' && secondsLeft !== undefined && <span>about {duration(secondsLeft)} left</span>}
        {saved && saved.stage === stage?.name && saved.step > 0 && <span>picture of step {grouped(saved.step)}</span>}
      </p>
      {stage && !state.isOver.value && following.length > 0 && (
        <p class="hint">
          then{' '}
          {following.map(({ name, steps }) => `${stageName(name).toLowerCase()}, ${grouped(steps)} steps`).join(', ')}
        </p>
      )}
    </div>
  );
}

function Steering({ report: { state: now } }: { report: TrainingReport }) {
  const asksToStop = useSignal(false);
  if (!['training', 'pausing', 'paused', 'stopping'].includes(now)) return null;
  const stopping = now === 'stopping';
  const deaf = stopping || !state.connected.value;
  if (asksToStop.value && !deaf)
    return (
      <fieldset class="training-question">
        <legend>Save and stop? It can go on later.</legend>
        <div class="pairs">
          <button type="button" class="primary" onClick={() => void state.order('stop')}>
            Save and stop
          </button>
          <button type="button" onClick={() => (asksToStop.value = false)}>
            Cancel
          </button>
        </div>
      </fieldset>
    );
  const halted = now === 'paused' || now === 'pausing';
  return (
    <>
      <div class="pairs">
        <button
          type="button"
          class={halted ? 'primary' : ''}
          disabled={deaf}
          onClick={() => void state.order(halted ? 'resume' : 'pause')}
        >
          {halted ? 'Resume' : 'Pause'}
        </button>
        <button type="button" disabled={deaf} onClick={() => (asksToStop.value = true)}>
          {stopping ? 'Stopping …' : 'Stop …'}
        </button>
      </div>
      {state.refused.value && (
        <p class="warning" role="alert">
          {state.refused.value}
        </p>
      )}
    </>
  );
}

/** What to do when training is over. */
function Outcome({ report: { state: now, error, goOnWith } }: { report: TrainingReport }) {
  return (
    <>
      {error !== undefined && (
        <p class="warning" role="alert">
          {error}
        </p>
      )}
      {goOnWith !== undefined && (
        <div class="training-next">
          <p>{now === 'failed' ? 'From what was saved it goes on with' : 'It goes on with'}</p>
          <code>{goOnWith}</code>
          {goOnWith.startsWith('langfield ') && (
            <button type="button" onClick={() => void copy(goOnWith)}>
              Copy
            </button>
          )}
        </div>
      )}
    </>
  );
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notice.value = 'Copied';
  } catch {
    notice.value = 'This browser does not copy; select the text instead.';
  }
}

type CurveName = 'rgb' | 'psnr' | 'clip' | 'dino';

function Curves({ report }: { report: TrainingReport }) {
  const charts: [CurveName, string][] = [
    ['psnr', 'PSNR'],
    ['rgb', 'Colour loss'],
    ['clip', 'CLIP loss'],
    ['dino', 'DINO loss'],
  ];
  if (state.curves.value.size === 0) return null;
  return (
    <details open>
      <summary>Curves</summary>
      {charts.map(([name, title]) => (
        <CurveChart key={name} name={name} title={title} report={report} />
      ))}
    </details>
  );
}

function CurveChart({ name, title, report }: { name: CurveName; title: string; report: TrainingReport }) {
  // A value belongs to one stage: radiance, language, or both in one.
  const found = [...state.curves.value].find(([, points]) => points.some((point) => point[name] !== undefined));
  if (!found) return null;
  const [stage, points] = found;
  const steps = report.stages.find((each) => each.name === stage)?.steps ?? points.at(-1)!.step;
  return (
    <Chart
      title={title}
      series={seriesOf(points, name, report.fields)}
      steps={steps}
      logarithmic={name !== 'psnr'}
      show={name === 'psnr' ? (value) => `${value.toFixed(1)} dB` : short}
    />
  );
}

function seriesOf(points: readonly CurvePoint[], name: CurveName, fields: readonly string[]): Series[] {
  const values = ({ [name]: value }: CurvePoint): number[] => (value === undefined ? [] : [value].flat());
  const count = Math.max(...points.map((point) => values(point).length));
  return Array.from({ length: count }, (_, index) => ({
    name: fieldLabel(fields[index] ?? `${index + 1}`),
    points: points.flatMap((point) => {
      const value = values(point)[index];
      return value === undefined ? [] : [[point.step, value] as const];
    }),
  }));
}

/** How often screen readers are told the newest numbers, ms; a new state they are told at once. */
const spokenMs = 20_000;

function Spoken() {
  const text = useSignal('');
  const now = state.report.value?.state;
  // A new state is said at once.
  useEffect(() => {
    const say = () => {
      text.value = state.report.value ? spoken(state.report.value) : '';
    };
    say();
    const timer = setInterval(say, spokenMs);
    return () => clearInterval(timer);
  }, [now]);
  return (
    <p class="unseen" role="status">
      {text.value}
    </p>
  );
}
