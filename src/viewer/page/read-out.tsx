/** The pixel under the pointer – relevancy, depth, position – and how the picture was made. */
import { pixelRay } from '../../math/rays.ts';
import { engineText } from './engine.tsx';
import { pointedText } from './prior-layer.ts';
import { answerTo, asked, frame, hovered, looks, scene } from './state.ts';

export function ReadOut() {
  if (!frame.value) return null;
  const { appearance } = frame.value;
  return (
    <div class="read-out" aria-hidden="true">
      <span class="pill">{pointedText.value ?? pixelText()}</span>
      <span class="pill made">
        {appearance.width} × {appearance.height}
        {scene.value && ` · ${engineText()}`}
      </span>
    </div>
  );
}

function pixelText(): string {
  const at = hovered.value;
  const shown = frame.value;
  if (!at || !shown || at.row >= shown.camera.height || at.col >= shown.camera.width) return '';
  const pixel = at.row * shown.camera.width + at.col;
  const depth = shown.appearance.depth[pixel];
  const { origin, direction } = pixelRay(shown.camera, at.row, at.col);
  const position = origin.map((value, axis) => (value + depth * direction[axis]).toFixed(2)).join(', ');
  const selected = looks.value.phrases[looks.value.selected];
  const relevancy = selected && answerTo(selected.text)?.relevancy[pixel];
  const other = shown.fields[1]?.phrases[asked.value.indexOf(selected?.text)]?.relevancy[pixel];
  const versus = other === undefined ? '' : ` and ${other.toFixed(3)}`;
  const answer = relevancy === undefined ? '' : `${selected.text} ${relevancy.toFixed(3)}${versus} · `;
  return `${answer}depth ${depth.toFixed(2)} · at ${position}`;
}
