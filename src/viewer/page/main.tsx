/** Entry of the page. The scene lies beside it, in `scene/`. */
import { render } from 'preact';
import { start } from './actions.ts';
import { App } from './app.tsx';

render(<App />, document.getElementById('app')!);
start(new URL('./scene/', document.baseURI).href);
