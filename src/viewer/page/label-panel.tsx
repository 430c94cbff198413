/** Labelling the selected phrase in the present view: drawing, scores at once, files. */
import { type LabelScores, scoreLabel } from '../labelling.ts';
import { fieldLabel } from './field-label.ts';
import { saveLabelMasks, saveLabelPolygons } from './label-files.ts';
import { draft, labelView, pictureIsOfView, polygons, removePolygon, selectedPhrase, startPolygon } from './labels.ts';
import * as state from './state.ts';
import { saveCamera } from './take-away.ts';

export function LabelPart() {
  const phrase = selectedPhrase.value;
  return (
    <details class="advanced label-part">
      <summary>Label</summary>
      {phrase === undefined ? (
        <p class="hint">Ask for something: the selected phrase is what you label in this view.</p>
      ) : (
        <Labelling phrase={phrase} />
      )}
    </details>
  );
}

function Labelling({ phrase }: { phrase: string }) {
  const own = polygons.value.filter((each) => each.phrase === phrase);
  return (
    <>
      {draft.value === undefined ? (
        <button type="button" class="primary" disabled={!state.frame.value} onClick={startPolygon}>
          Draw around “{phrase}”
        </button>
      ) : (
        <p class="hint">
          Corner by corner, by click, tap, or arrow keys and space; the first corner again, or Enter, closes.
        </p>
      )}
      {own.length > 0 && (
        <>
          <ul class="polygons" aria-label={`Polygons of ${phrase} in this view`}>
            {own.map((polygon, index) => (
              <li key={`${index}`} class="row">
                <span>
                  Polygon {index + 1} <span class="quiet">{polygon.corners.length} corners</span>
                </span>
                <button
                  type="button"
                  class="icon"
                  aria-label={`Remove polygon ${index + 1}`}
                  onClick={() => removePolygon(polygon)}
                >
                  ×
                </button>
              </li>
            ))}
          </ul>
          <Scores phrase={phrase} />
        </>
      )}
      {polygons.value.length > 0 && <Files />}
    </>
  );
}

/** One row for each language field that answers. */
function Scores({ phrase }: { phrase: string }) {
  const { frame, asked } = state;
  const view = labelView.value;
  const fields = frame.value?.fields ?? [];
  const index = asked.value.indexOf(phrase);
  if (!frame.value || !view || !pictureIsOfView.value || index < 0 || fields.length === 0)
    return <p class="warning">{noRelevancy(phrase)}</p>;
  const { width, height } = frame.value.appearance;
  const scores = fields.map(({ field, phrases }) => ({
    field,
    scale: phrases[index].scale,
    scores: scoreLabel(view, phrase, phrases[index].relevancy, { width, height }),
  }));
  const area = scores[0].scores?.area;
  if (area === undefined) return <p class="warning">The polygons cover no pixel of the picture; draw them larger.</p>;
  return (
    <>
      <table class="scores">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">D_relevancy</th>
            <th scope="col">Ratio_acc</th>
            <th scope="col">Recall</th>
          </tr>
        </thead>
        <tbody>{scores.map(({ field, scores: row }) => row && <ScoreRow key={field} field={field} row={row} />)}</tbody>
      </table>
      <p class="hint">
        {width} × {height} pixels{frame.value.final ? '' : ', not the finest picture yet'}; scale{' '}
        {scores.map(({ scale }) => scale.toFixed(2)).join(' and ')}. {(100 * area).toFixed(1)} % of the picture is
        labelled; a map of zeros has D_relevancy {area.toFixed(4)}.
      </p>
    </>
  );
}

function ScoreRow({ field, row }: { field: string; row: LabelScores }) {
  return (
    <tr>
      <th scope="row">{fieldLabel(field)}</th>
      <td>{row.dRelevancy.toFixed(4)}</td>
      <td>{Number.isNaN(row.ratioAcc) ? '–' : row.ratioAcc.toFixed(3)}</td>
      <td>{row.recalled ? 'yes' : 'no'}</td>
    </tr>
  );
}

function noRelevancy(phrase: string): string {
  const { scene, trouble } = state;
  if (scene.value?.cannotAsk !== undefined) return `No scores: ${scene.value.cannotAsk}`;
  if (trouble.value !== undefined) return `No scores: “${phrase}” was not answered. ${trouble.value}`;
  return `No scores yet: the relevancy of “${phrase}” is still being computed.`;
}

function Files() {
  const isPhoto = state.photo.value !== undefined;
  return (
    <>
      <div class="pairs">
        <button type="button" onClick={saveLabelPolygons} title="LERF-OVS, all phrases of this view">
          Labels JSON
        </button>
        <button type="button" onClick={() => void saveLabelMasks()} title="LERF-Mask, all phrases of this view">
          Masks ZIP
        </button>
        {!isPhoto && (
          <button type="button" onClick={saveCamera} title="Where this view is seen from">
            Its camera JSON
          </button>
        )}
      </div>
      <p class="hint">
        {isPhoto
          ? `Of ${labelView.value?.image}; unpacked in a folder, “langfield eval --labels” reads them. `
          : 'This view is no photo’s: keep its camera beside the labels. “langfield eval” scores views of photos. '}
        Labels last as long as this page is open.
      </p>
    </>
  );
}
