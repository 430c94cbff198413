/** The page as a whole: search on top, the picture, its photos below, the panel beside. */
import { useEffect, useRef } from 'preact/hooks';
import { applyFragment } from './opening.ts';
import { Help } from './help.tsx';
import { Panel } from './panel.tsx';
import { PhotoStrip } from './photo-strip.tsx';
import { Search } from './search.tsx';
import { Stage } from './stage.tsx';
import { notice, scene } from './state.ts';
import { ThemeButton } from './theme.tsx';
import { runName } from './training/state.ts';

export function App() {
  const search = useRef<HTMLInputElement>(null);
  const help = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const onHash = () => applyFragment(location.hash);
    const onKey = (event: KeyboardEvent) => {
      const typing = (event.target as Element).matches('input, textarea, select');
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') search.current?.focus();
      else if (event.key === '?') help.current?.showModal();
      else return;
      event.preventDefault();
    };
    addEventListener('hashchange', onHash);
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('hashchange', onHash);
      removeEventListener('keydown', onKey);
    };
  }, []);
  return (
    <div class="page">
      <header class="top">
        <p class="brand">
          <strong>langfield</strong>
          <span class="quiet">{scene.value?.name ?? runName.value}</span>
        </p>
        <Search input={search} />
        <div class="row top-buttons">
          <ThemeButton />
          <button
            type="button"
            class="icon"
            title="Keys and gestures (?)"
            aria-label="Keys and gestures"
            onClick={() => help.current?.showModal()}
          >
            ?
          </button>
        </div>
      </header>
      <Stage />
      <PhotoStrip />
      <Panel />
      <Help dialog={help} />
      <p class="unseen" role="status" aria-live="polite">
        {notice.value}
      </p>
    </div>
  );
}
