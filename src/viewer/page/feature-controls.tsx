/** What the colours of the features are, and how to choose them anew. */
import { request } from './actions.ts';
import { fieldLabel } from './field-label.ts';
import * as state from './state.ts';

export function FeatureControls() {
  const { scene, field } = state;
  if (!scene.value) return null;
  if (!scene.value.hasFeatures[field.value]) {
    const name = scene.value.fields[field.value];
    return (
      <p class="warning">
        {name === undefined ? 'This run has no language field' : `The field ${fieldLabel(name)} has no DINO features`}:
        they are trained when the encoder has dense features.
      </p>
    );
  }
  return (
    <>
      <p class="hint">
        DINO features: their first three principal components as red, green and blue. The colours keep their meaning
        while the camera moves.
      </p>
      <button type="button" onClick={() => request(false, { anew: true })}>
        Choose colours for this view
      </button>
    </>
  );
}
