/** Which features are shown as colours, at which scale, and how to choose the colours anew. */
import { sweepScales } from '../../query/answer-view.ts';
import type { FeatureKind } from '../looks.ts';
import { request, setLooks } from './requests.ts';
import { fieldLabel } from './field-label.ts';
import { Choice, Range } from './parts.tsx';
import * as state from './state.ts';

const kindNames: Record<FeatureKind, string> = { dino: 'DINO', clip: 'CLIP' };

const what: Record<FeatureKind, string> = {
  dino: 'DINO features',
  clip: 'CLIP embeddings, what phrases are compared with, at one scale',
};

export function FeatureControls() {
  const { scene, field, featureKind, looks } = state;
  if (!scene.value) return null;
  const name = scene.value.fields[field.value];
  if (name === undefined) return <p class="warning">This run has no language field, and so no features.</p>;
  const hasDino = scene.value.hasFeatures[field.value];
  const kind = featureKind.value;
  return (
    <>
      <Choice<FeatureKind>
        label="Kind of features"
        options={Object.entries(kindNames) as [FeatureKind, string][]}
        value={kind}
        disabled={(each) => each === 'dino' && !hasDino}
        onChange={(features) => setLooks({ features }, true)}
      />
      {!hasDino && (
        <p class="hint">
          The field {fieldLabel(name)} has no DINO features: they are trained when the encoder has dense features.
        </p>
      )}
      {kind === 'clip' && (
        <Range
          label="Scale"
          value={looks.value.featureScale}
          least={0}
          most={sweepScales[sweepScales.length - 1]}
          step={0.05}
          show={(value) => value.toFixed(2)}
          onInput={(featureScale) => setLooks({ featureScale }, true)}
        />
      )}
      <p class="hint">
        {what[kind]}: the first three principal components as red, green and blue. The colours keep their meaning while
        the camera moves.
      </p>
      <button type="button" onClick={() => request(false, { anew: true })}>
        Choose colours for this view
      </button>
    </>
  );
}
