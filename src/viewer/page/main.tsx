/** Entry of the page. The scene lies beside it, in `scene/`. */
import { render } from 'preact';
import { start } from './opening.ts';
import { App } from './app.tsx';
import { becomeIsolated } from './isolation.ts';

if (!(await becomeIsolated())) {
  const root = document.getElementById('app')!;
  root.replaceChildren();
  render(<App />, root);
  start();
}
