/** A camera path: its views, playing and recording. */
import { goTo } from './moves.ts';
import {
  addView,
  cancelRecording,
  evenSide,
  film,
  filmLimits,
  filmProgress,
  filmTrouble,
  type PathView,
  pathViews,
  pictureCount,
  play,
  playing,
  record,
  removeView,
  setFilm,
  stopPlaying,
} from './camera-path.ts';
import { cannotRecord } from './film-encoder.ts';
import { Field, Range } from './parts.tsx';
import * as state from './state.ts';

export function PathPart() {
  const views = pathViews.value;
  return (
    <details class="advanced path-part">
      <summary>Camera path</summary>
      <p class="hint">
        {views.length === 0
          ? 'Add the views that the camera is to pass through, one after the other.'
          : views.length === 1 && 'Move on and add another view.'}
      </p>
      {views.length > 0 && <Views views={views} />}
      <button type="button" disabled={!state.point.value || state.recording.value} onClick={addView}>
        Add this view
      </button>
      {views.length > 1 && <Film />}
    </details>
  );
}

function Views({ views }: { views: readonly PathView[] }) {
  return (
    <ol class="path-views" aria-label="Views of the path">
      {views.map(({ key, name, point }, index) => (
        <li key={key} class="row">
          <button type="button" class="text" disabled={state.recording.value} onClick={() => goTo(point)}>
            {index + 1} · {name}
          </button>
          <button
            type="button"
            class="icon"
            disabled={state.recording.value}
            aria-label={`Remove view ${index + 1} of the path`}
            onClick={() => removeView(key)}
          >
            ×
          </button>
        </li>
      ))}
    </ol>
  );
}

function Film() {
  const { framesPerSecond, secondsBetween, width, height } = film.value;
  const count = pictureCount();
  const cannot = cannotRecord();
  if (filmProgress.value) return <Progress {...filmProgress.value} />;
  const tooLong = count > filmLimits.mostPictures;
  return (
    <>
      <Range
        label="From view to view"
        value={secondsBetween}
        least={0.5}
        most={10}
        step={0.5}
        show={(value) => `${value} s`}
        onInput={(value) => setFilm({ secondsBetween: value })}
      />
      <div class="row film-shape">
        <Side label="Width" value={width} onChange={(side) => setFilm({ width: side })} />
        <Side label="Height" value={height} onChange={(side) => setFilm({ height: side })} />
        <Field label="Pictures a second">
          {(id) => (
            <select
              id={id}
              value={framesPerSecond}
              onChange={(event) => setFilm({ framesPerSecond: Number(event.currentTarget.value) })}
            >
              {[12, 24, 30].map((rate) => (
                <option key={rate} value={rate}>
                  {rate}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <div class="pairs">
        <button type="button" onClick={playing.value ? stopPlaying : play}>
          {playing.value ? 'Stop' : 'Play'}
        </button>
        <button type="button" class="primary" disabled={cannot !== undefined || tooLong} onClick={() => void record()}>
          Record WebM
        </button>
      </div>
      {cannot !== undefined && <p class="warning">{cannot}</p>}
      {tooLong && (
        <p class="warning">
          {count} pictures are too many for one film; {filmLimits.mostPictures} are the most.
        </p>
      )}
      {filmTrouble.value !== undefined && (
        <p class="warning" role="alert">
          {filmTrouble.value}
        </p>
      )}
      <p class="hint">
        {count} pictures of the shown layer, each rendered in full. Scales of phrases stay as they are along the way.
      </p>
    </>
  );
}

function Side(props: { label: string; value: number; onChange(side: number): void }) {
  return (
    <Field label={props.label}>
      {(id) => (
        <input
          id={id}
          type="number"
          min={filmLimits.leastSide}
          max={filmLimits.mostSide}
          step={2}
          value={props.value}
          onInput={({ currentTarget: { valueAsNumber: side } }) => Number.isFinite(side) && props.onChange(side)}
          onChange={(event) => {
            const side = evenSide(event.currentTarget.valueAsNumber);
            event.currentTarget.value = `${side}`;
            props.onChange(side);
          }}
        />
      )}
    </Field>
  );
}

function Progress({ done, total, secondsLeft }: { done: number; total: number; secondsLeft?: number }) {
  return (
    <div class="film-progress" role="status">
      <progress value={done} max={total} aria-label="Pictures of the film" />
      <span>
        Picture {Math.min(done + 1, total)} of {total}
        {secondsLeft !== undefined && done < total && `, about ${duration(secondsLeft)} left`}
      </span>
      <button type="button" onClick={cancelRecording}>
        Give up
      </button>
    </div>
  );
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
