/** The panel beside the picture: phrases, what is shown, comparing, camera, results, advanced. */
import { type Comparison, type Layer, layers, longSides, type RelevancyDisplay, relevancyDisplays } from '../looks.ts';
import { home, setFov, stepPhoto } from './moves.ts';
import { chooseEngine, setLooks } from './requests.ts';
import { Advanced } from './advanced.tsx';
import { EngineField } from './engine.tsx';
import { FeatureControls } from './feature-controls.tsx';
import { fieldLabel } from './field-label.ts';
import { LabelPart } from './label-panel.tsx';
import { Choice, Field, Range } from './parts.tsx';
import { PathPart } from './path-panel.tsx';
import { Phrases } from './phrases.tsx';
import { PriorControls } from './prior-overlay.tsx';
import * as state from './state.ts';
import { copyLink, saveCamera, savePicture, savePoints, saveRelevancy } from './take-away.ts';
import { TrainingPart } from './training/panel.tsx';

const layerNames: Record<Layer, string> = {
  phrases: 'Phrases',
  colour: 'Colour',
  relevancy: 'Relevancy',
  depth: 'Depth',
  accumulation: 'Accumulation',
  features: 'Features',
  regions: 'Photo’s regions',
  tiles: 'Replaced tiles',
};

/** Layers that are of a photo and its pyramid, not of the rendering. */
const ofPhoto: Layer[] = ['regions', 'tiles'];

const displayNames: Record<RelevancyDisplay, string> = {
  composited: 'Composited',
  normalised: 'Normalised',
  centred: 'Centred',
  raw: 'Raw',
};

export function Panel() {
  return (
    <aside class="panel" aria-label="Phrases and display">
      <TrainingPart />
      <Phrases />
      <Shown />
      <Compare />
      <CameraPart />
      <TakeAway />
      <PathPart />
      <LabelPart />
      <Advanced />
    </aside>
  );
}

function Shown() {
  const { layer, display, phrases } = state.looks.value;
  return (
    <section>
      <h2>Show</h2>
      <Choice
        label="Layer"
        options={layers.filter((each) => !ofPhoto.includes(each)).map((each) => [each, layerNames[each]])}
        value={layer}
        disabled={(each) => each === 'relevancy' && phrases.length === 0}
        onChange={(chosen) => setLooks({ layer: chosen }, chosen === 'features')}
      />
      <Choice
        label="Layer of a photo"
        options={ofPhoto.map((each) => [each, layerNames[each]])}
        value={layer}
        onChange={(chosen) => setLooks({ layer: chosen })}
      />
      {layer === 'relevancy' && (
        <Choice
          label="Display of relevancy"
          options={relevancyDisplays.map((each) => [each, displayNames[each]])}
          value={display}
          onChange={(chosen) => setLooks({ display: chosen })}
        />
      )}
      {layer === 'features' && <FeatureControls />}
      <PriorControls />
    </section>
  );
}

function Compare() {
  const { comparison } = state.looks.value;
  const fields = state.scene.value?.fields ?? [];
  const photos = state.scene.value?.photos ?? [];
  const several = fields.length > 1;
  const options: [Comparison, string][] = [
    ['none', 'Off'],
    ['field', 'Two fields'],
    ['difference', 'Difference'],
    ['photo', 'With the photo'],
  ];
  const possible = {
    none: true,
    field: several,
    difference: several,
    photo: photos.some(({ available }) => available),
  };
  return (
    <section>
      <h2>Compare</h2>
      <Choice
        label="Comparison"
        options={options}
        value={comparison}
        disabled={(each) => !possible[each]}
        onChange={(chosen) => setLooks({ comparison: chosen }, true)}
      />
      {state.showsDifference.value && state.looks.value.phrases.length === 0 && (
        <p class="hint">Ask for something: its relevancy in the two fields is compared.</p>
      )}
      {comparison === 'photo' && state.photo.value === undefined && (
        <p class="hint">Choose a photo below the picture; moving away ends the comparison.</p>
      )}
      {several && (
        <div class="row">
          <FieldChoice
            label={state.asksBoth.value ? 'First field' : 'Language field'}
            value={state.field.value}
            onChange={(field) => setLooks({ field }, true)}
          />
          {state.asksBoth.value && (
            <FieldChoice
              label="Second field"
              value={state.otherField.value}
              onChange={(otherField) => setLooks({ otherField }, true)}
            />
          )}
        </div>
      )}
    </section>
  );
}

function FieldChoice(props: { label: string; value: number; onChange(name: string): void }) {
  const fields = state.scene.value?.fields ?? [];
  return (
    <Field label={props.label}>
      {(id) => (
        <select id={id} value={fields[props.value]} onChange={(event) => props.onChange(event.currentTarget.value)}>
          {fields.map((name) => (
            <option key={name} value={name}>
              {fieldLabel(name)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function CameraPart() {
  const point = state.point.value;
  return (
    <section>
      <h2>Camera</h2>
      <div class="row">
        <button type="button" onClick={() => home()}>
          Home
        </button>
        <button type="button" onClick={() => stepPhoto(-1)} aria-label="Photo before">
          ‹ Photo
        </button>
        <button type="button" onClick={() => stepPhoto(1)} aria-label="Next photo">
          Photo ›
        </button>
      </div>
      {point && (
        <Range
          label="Field of view"
          value={point.fov}
          least={10}
          most={110}
          step={1}
          show={(value) => `${Math.round(value)}°`}
          onInput={setFov}
        />
      )}
      <Field label="Longest side">
        {(id) => (
          <select
            id={id}
            value={state.looks.value.longSide}
            onChange={(event) => setLooks({ longSide: Number(event.currentTarget.value) }, true)}
          >
            {longSides.map((side) => (
              <option key={side} value={side}>
                {side} pixels
              </option>
            ))}
          </select>
        )}
      </Field>
      <EngineField onChoose={chooseEngine} />
    </section>
  );
}

function TakeAway() {
  const { phrases, selected } = state.looks.value;
  const answered = phrases[selected] !== undefined && state.answerTo(phrases[selected].text) !== undefined;
  return (
    <section>
      <h2>Take away</h2>
      <div class="pairs">
        <button type="button" onClick={() => void copyLink()}>
          Copy link
        </button>
        <button type="button" disabled={!state.frame.value} onClick={() => void savePicture()}>
          Picture PNG
        </button>
        <button
          type="button"
          disabled={!answered}
          title="Exact relevancy of the selected phrase"
          onClick={saveRelevancy}
        >
          Relevancy NPY
        </button>
        <button
          type="button"
          disabled={!answered || !state.frame.value?.final}
          title="Points of the finest picture where the selected phrase exceeds the threshold"
          onClick={savePoints}
        >
          Points PLY
        </button>
        <button type="button" disabled={!state.frame.value} onClick={saveCamera}>
          Camera JSON
        </button>
      </div>
    </section>
  );
}
