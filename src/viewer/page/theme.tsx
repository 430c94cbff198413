/** Light, dark, or as the system has it; kept in this browser. */
import { signal } from '@preact/signals';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const storageKey = 'langfield-theme';
const symbols: Record<Theme, string> = { system: '◐', light: '☀', dark: '☾' };

const theme = signal<Theme>(themes.find((each) => each === readStored()) ?? 'system');
apply();

/** A page without storage (a sandboxed frame) keeps the system's theme. */
function readStored(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function apply(): void {
  document.documentElement.dataset.theme = theme.value;
}

function next(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length];
  apply();
  try {
    localStorage.setItem(storageKey, theme.value);
  } catch {
    // The choice lasts as long as the page.
  }
}

export function ThemeButton() {
  const label = `Theme: ${theme.value}`;
  return (
    <button type="button" class="icon" title={label} aria-label={label} onClick={next}>
      {symbols[theme.value]}
    </button>
  );
}
