/** Light, dark, or as the system has it; kept in this browser. */
import { signal } from '@preact/signals';
import { readRemembered, remember } from './remembered.ts';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const storageKey = 'langfield-theme';
const symbols: Record<Theme, string> = { system: '◐', light: '☀', dark: '☾' };

const theme = signal(readRemembered(storageKey, themes, 'system'));
apply();

function apply(): void {
  document.documentElement.dataset.theme = theme.value;
}

function next(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length];
  apply();
  remember(storageKey, theme.value);
}

export function ThemeButton() {
  const label = `Theme: ${theme.value}`;
  return (
    <button type="button" class="icon" title={label} aria-label={label} onClick={next}>
      {symbols[theme.value]}
    </button>
  );
}
