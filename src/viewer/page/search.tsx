/** The search box. */
import type { RefObject } from 'preact';
import { ask } from './asking.ts';
import { prepareToAsk } from './requests.ts';
import { scene } from './state.ts';

export function Search({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const cannotAsk = scene.value?.cannotAsk;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!input.current) return;
    ask(input.current.value);
    input.current.value = '';
  };
  return (
    <search class="search">
      <form onSubmit={submit}>
        <svg class="lens" viewBox="0 0 24 24" aria-hidden="true">
          <circle cx="10.5" cy="10.5" r="6.5" />
          <path d="M15.5 15.5 21 21" />
        </svg>
        <input
          ref={input}
          type="search"
          name="phrase"
          aria-label="Look for a phrase in the scene"
          placeholder={cannotAsk ? 'This scene cannot be asked' : 'What are you looking for?'}
          disabled={cannotAsk !== undefined}
          list="known-words"
          onFocus={prepareToAsk}
          autocomplete="off"
          enterkeyhint="search"
          maxLength={400}
        />
        <button type="submit" class="primary" disabled={cannotAsk !== undefined}>
          Find
        </button>
        <datalist id="known-words">
          {(scene.value?.vocabulary ?? []).map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      </form>
    </search>
  );
}
