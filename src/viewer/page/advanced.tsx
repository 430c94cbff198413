/** What most visitors never need: threshold and canonical phrases. */
import { useRef } from 'preact/hooks';
import { longestPhrase, mostPhrases } from '../looks.ts';
import { setLooks } from './requests.ts';
import { Field, Range } from './parts.tsx';
import * as state from './state.ts';

export function Advanced() {
  const box = useRef<HTMLTextAreaElement>(null);
  const canonical = state.scene.value?.canonicalPhrases ?? [];
  const { negatives, threshold } = state.looks.value;
  const apply = () => {
    const typed = (box.current?.value ?? '')
      .split(/[;\n]/)
      .map((text) => text.trim().slice(0, longestPhrase))
      .filter((text, index, all) => text !== '' && all.indexOf(text) === index)
      .slice(0, mostPhrases);
    const usual = typed.length === 0 || typed.join('\n') === canonical.join('\n');
    setLooks({ negatives: usual ? undefined : typed }, true);
    if (box.current) box.current.value = (usual ? canonical : typed).join('\n');
  };
  return (
    <details class="advanced">
      <summary>Advanced</summary>
      <Range
        label="Threshold"
        value={threshold}
        least={0.3}
        most={0.95}
        step={0.01}
        show={(value) => value.toFixed(2)}
        onInput={(value) => setLooks({ threshold: value })}
      />
      {canonical.length > 0 && (
        <Field label="Canonical phrases, one a line: what a phrase is compared with">
          {(id) => (
            <>
              <textarea
                id={id}
                ref={box}
                rows={4}
                defaultValue={(negatives ?? canonical).join('\n')}
                spellcheck={false}
              />
              <div class="row">
                <button type="button" onClick={apply}>
                  Apply
                </button>
                <button
                  type="button"
                  disabled={negatives === undefined}
                  onClick={() => {
                    if (box.current) box.current.value = canonical.join('\n');
                    apply();
                  }}
                >
                  The run’s own
                </button>
              </div>
            </>
          )}
        </Field>
      )}
    </details>
  );
}
