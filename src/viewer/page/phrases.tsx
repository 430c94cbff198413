/** The phrases that were asked: colour, eye, strength; for the selected one its scale and its places. */

import { sweepScales } from '../../query/answer-view.ts';
import { describeUnknownWords } from '../../query/known-words.ts';
import { type PhraseLook, phraseColours } from '../looks.ts';
import { ask, changePhrase, removePhrase, replacePhrase } from './asking.ts';
import { flyTo } from './moves.ts';
import { setLooks } from './requests.ts';
import { Range } from './parts.tsx';
import * as state from './state.ts';

export function Phrases() {
  const { phrases, selected } = state.looks.value;
  return (
    <section class="phrases">
      <h2>Phrases</h2>
      {phrases.length === 0 ? (
        <Suggestions />
      ) : (
        <ul>
          {phrases.map((phrase, index) => (
            <li key={phrase.text} class={index === selected ? 'phrase selected' : 'phrase'}>
              <Phrase phrase={phrase} index={index} />
              {index === selected && <Details phrase={phrase} index={index} />}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Positions in a vocabulary; any will do, these are of different kinds in the built-in one. */
const exampleWords = [8, 15, 20, 23, 34];

/** What an encoder of a closed vocabulary knows, a few words of it. */
function Suggestions() {
  const { cannotAsk, vocabulary: words = [] } = state.scene.value ?? {};
  if (cannotAsk) return <p class="hint">{cannotAsk}</p>;
  return (
    <>
      <p class="hint">
        Type what you are looking for into the box above: a thing, a part of one, a colour and a thing
        {words.length > 0 ? '. For example:' : '.'}
      </p>
      {words.length > 0 && (
        <div class="row chips">
          {exampleWords
            .flatMap((index) => words[index] ?? [])
            .map((word) => (
              <button type="button" key={word} class="chip" onClick={() => ask(word)}>
                {word}
              </button>
            ))}
        </div>
      )}
    </>
  );
}

const css = (colour: number) => `rgb(${phraseColours[colour].join(' ')})`;

function Phrase({ phrase, index }: { phrase: PhraseLook; index: number }) {
  const { text, visible, colour } = phrase;
  const { selected } = state.looks.value;
  return (
    <div class="phrase-head">
      <button
        type="button"
        class="phrase-name"
        aria-expanded={index === selected}
        onClick={() => setLooks({ selected: index })}
      >
        <span class="dot" style={{ background: css(colour) }} />
        <span class="phrase-text">{text}</span>
        <Outcome text={text} />
      </button>
      <button
        type="button"
        class="icon"
        aria-pressed={visible}
        title={visible ? 'Hide' : 'Show'}
        aria-label={`Show ${text}`}
        onClick={() => changePhrase(index, { visible: !visible })}
      >
        <Eye open={visible} />
      </button>
      <button
        type="button"
        class="icon"
        title="Remove"
        aria-label={`Remove ${text}`}
        onClick={() => removePhrase(index)}
      >
        ×
      </button>
    </div>
  );
}

function Outcome({ text }: { text: string }) {
  const answer = state.answerTo(text);
  if (!answer) return <span class="outcome quiet">{state.trouble.value === undefined ? '…' : '–'}</span>;
  return answer.found ? (
    <span class="outcome">{answer.peak.relevancy.toFixed(2)}</span>
  ) : (
    <span class="outcome missing">not found</span>
  );
}

function Eye({ open }: { open: boolean }) {
  return (
    <svg viewBox="0 0 24 24" class="line-icon" aria-hidden="true">
      <path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12Z" />
      <circle cx="12" cy="12" r="3" />
      {!open && <path d="M4 4l16 16" />}
    </svg>
  );
}

function Details({ phrase, index }: { phrase: PhraseLook; index: number }) {
  const answer = state.answerTo(phrase.text);
  const unknown = state.unknownWords.value.find((each) => each.phrase === phrase.text);
  return (
    <div class="phrase-details">
      {unknown && (
        <div class="warning">
          <p>{sentence(describeUnknownWords({ ...unknown, nearest: [] }))}</p>
          {unknown.nearest.length > 0 && (
            <div class="row chips">
              {unknown.nearest.map((word) => (
                <button type="button" key={word} class="chip" onClick={() => replacePhrase(index, word)}>
                  {word}
                </button>
              ))}
            </div>
          )}
        </div>
      )}
      {answer && !answer.found && <NotFound text={phrase.text} peak={answer.peak.relevancy} />}
      <Places />
      <Range
        label="Strength"
        value={phrase.opacity}
        least={0}
        most={1}
        step={0.05}
        show={(value) => `${Math.round(100 * value)} %`}
        onInput={(opacity) => changePhrase(index, { opacity })}
      />
      <Scale phrase={phrase} index={index} />
    </div>
  );
}

function NotFound({ text, peak }: { text: string; peak: number }) {
  if (state.meaningless.value.includes(text))
    return <p class="warning">To the encoder this means nothing in particular, so it cannot be found.</p>;
  return (
    <p class="warning">
      Not found in this view: nothing is closer to the phrase than to “
      {(state.looks.value.negatives ?? state.scene.value?.canonicalPhrases ?? []).join('”, “')}”. The largest relevancy
      is {peak.toFixed(2)}; it would have to exceed 0.50.
    </p>
  );
}

function Places() {
  const places = state.places.value;
  if (places.length === 0) return null;
  return (
    <ol class="places" aria-label="Where it is">
      {places.map(({ relevancy, depth, position }, index) => (
        <li key={position.join()}>
          <button type="button" onClick={() => flyTo(position)} aria-label={`Fly to place ${index + 1}`}>
            <span class="number">{index + 1}</span>
            <span>{relevancy.toFixed(2)}</span>
            <span class="quiet">{depth.toFixed(2)} away</span>
            <span class="go">fly there</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** Automatic or fixed; under it, how the phrase shows at every scale. */
function Scale({ phrase, index }: { phrase: PhraseLook; index: number }) {
  const answer = state.answerTo(phrase.text);
  const automatic = phrase.scale === undefined;
  const scale = phrase.scale ?? answer?.scale ?? 0;
  return (
    <div class="scale">
      <Range
        label={automatic ? 'Scale, automatic' : 'Scale'}
        value={scale}
        least={0}
        most={1.5}
        step={0.01}
        show={(value) => value.toFixed(2)}
        onInput={(value) => changePhrase(index, { scale: value })}
      />
      {answer?.curve && <Curve values={answer.curve} scale={scale} />}
      {!automatic && (
        <button type="button" class="text" onClick={() => changePhrase(index, { scale: undefined })}>
          Choose it automatically
        </button>
      )}
    </div>
  );
}

function Curve({ values, scale }: { values: Float32Array; scale: number }) {
  const last = sweepScales[sweepScales.length - 1];
  const x = (value: number) => (100 * value) / last;
  const y = (relevancy: number) => 30 - 30 * relevancy;
  const points = Array.from(values, (value, i) => `${x(sweepScales[i])},${y(value)}`).join(' ');
  return (
    <svg class="curve" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label="Relevancy over scale">
      <line class="half" x1="0" x2="100" y1={y(0.5)} y2={y(0.5)} />
      <line class="now" x1={x(scale)} x2={x(scale)} y1="0" y2="30" />
      <polyline points={points} />
    </svg>
  );
}

const sentence = (text: string) => `${text[0].toUpperCase()}${text.slice(1)}.`;
