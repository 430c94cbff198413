/** The picture, what lies over it, and what it says. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { toImageData } from '../../platform/browser/images.ts';
import { composeDifference, composePicture } from '../compose.ts';
import { sitePaths } from '../site-paths.ts';
import { flyTo } from './moves.ts';
import { start } from './opening.ts';
import { request, setLooks } from './requests.ts';
import { Divider } from './divider.tsx';
import { EngineNote } from './engine.tsx';
import { fieldLabel } from './field-label.ts';
import { DrawingBar, LabelOverlay } from './label-overlay.tsx';
import { shownLayer } from './prior-layer.ts';
import { PriorOverlay } from './prior-overlay.tsx';
import { ReadOut } from './read-out.tsx';
import { sceneBase } from './scene-base.ts';
import { controlStage } from './stage-controls.ts';
import * as state from './state.ts';
import { cameToNothing, waiting } from './training/state.ts';
import { Waiting } from './training/waiting.tsx';

export function Stage() {
  const stage = useRef<HTMLElement>(null);
  useEffect(() => controlStage(stage.current!), []);
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => {
      state.stageSize.value = { width: contentRect.width, height: contentRect.height };
      request(false);
    });
    observer.observe(stage.current!);
    return () => observer.disconnect();
  }, []);
  const { comparesFields, comparesPhoto, looks, frame } = state;
  const compares = comparesFields.value || comparesPhoto.value;
  const cut = compares ? { clipPath: `inset(0 0 0 ${100 * looks.value.divider}%)` } : { display: 'none' };
  return (
    <section
      ref={stage}
      class="stage"
      // The stage takes arrows and letters itself; screen readers hand them on for an application.
      role="application"
      aria-label="Scene. Arrow keys orbit, plus and minus come closer and go back, W A S D fly, H goes home."
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move the camera
      tabIndex={0}
    >
      <div
        class="picture"
        style={pictureBox()}
        aria-busy={state.awaited.value !== undefined}
        onPointerDown={hover}
        onPointerMove={hover}
        onPointerLeave={leave}
      >
        <Canvas fieldIndex={0} />
        <PriorOverlay />
        {comparesFields.value && (
          <div class="over" style={cut}>
            <Canvas fieldIndex={1} />
          </div>
        )}
        {comparesPhoto.value && (
          <img
            class="over"
            style={cut}
            src={sceneBase + sitePaths.photo(state.photo.value!)}
            alt="What was photographed from here"
          />
        )}
        {frame.value && <Places />}
        {state.showsDifference.value && <DifferenceKey />}
        <LabelOverlay />
        {compares && <Divider labels={sideLabels()} onMove={(divider) => setLooks({ divider })} />}
      </div>
      <Busy />
      <DrawingBar />
      <ReadOut />
      <Trouble />
      <Waiting />
      <EngineNote />
    </section>
  );
}

/** What the two sides of the divider are. */
function sideLabels(): [string, string] {
  const { scene, field, otherField, comparesFields } = state;
  const fields = scene.value?.fields ?? [];
  if (!comparesFields.value) return ['rendered', 'photo'];
  return [fieldLabel(fields[field.value]), fieldLabel(fields[otherField.value])];
}

/** What the colours of a difference mean. */
function DifferenceKey() {
  const { scene, field, otherField } = state;
  const name = (index: number) => fieldLabel(scene.value?.fields[index] ?? '');
  return (
    <p class="side left key">
      <span class="meaning">
        <span class="dot first" /> more in {name(field.value)}
      </span>
      <span class="meaning">
        <span class="dot second" /> more in {name(otherField.value)}
      </span>
    </p>
  );
}

/** The largest box of the picture's shape in the stage. */
function pictureBox() {
  const { width, height } = state.stageSize.value;
  const camera = state.frame.value?.camera;
  if (!camera) return { width: '100%', height: '100%' };
  const fit = Math.min(width / camera.width, height / camera.height);
  // A pinhole has the stage's shape but for rounding.
  const [w, h] = [camera.width * fit, camera.height * fit];
  const fills = Math.abs(w - width) < 0.03 * width && Math.abs(h - height) < 0.03 * height;
  return { width: `${fills ? width : w}px`, height: `${fills ? height : h}px` };
}

function Canvas({ fieldIndex }: { fieldIndex: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSignalEffect(() => {
    const frame = state.frame.value;
    if (!frame || !canvas.current) return;
    const { looks, asked, showsDifference } = state;
    const image = showsDifference.value
      ? composeDifference(frame, looks.value, asked.value)
      : composePicture(frame, looks.value, asked.value, fieldIndex);
    canvas.current.width = image.width;
    canvas.current.height = image.height;
    canvas.current.getContext('2d')!.putImageData(toImageData(image), 0, 0);
    canvas.current.dataset.frame = `${frame.id}`;
    canvas.current.dataset.final = `${frame.final}`;
  });
  return <canvas ref={canvas} />;
}

function hover(event: PointerEvent): void {
  const camera = state.frame.value?.camera;
  // A finger says where it is only while it is down.
  if (!camera || (event.pointerType === 'touch' && shownLayer.value === undefined)) return;
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const col = Math.floor(((event.clientX - box.left) / box.width) * camera.width);
  const row = Math.floor(((event.clientY - box.top) / box.height) * camera.height);
  const inside = row >= 0 && col >= 0 && row < camera.height && col < camera.width;
  state.hovered.value = inside ? { row, col } : undefined;
}

const leave = () => {
  state.hovered.value = undefined;
};

/** Numbered places of the selected phrase; a click flies there. */
function Places() {
  const camera = state.frame.value!.camera;
  if (state.looks.value.layer !== 'phrases' || state.showsDifference.value) return null;
  return (
    <>
      {state.places.value.map(({ row, col, position, relevancy }, index) => (
        <button
          type="button"
          key={`${row},${col}`}
          class="place"
          style={{ left: `${(100 * (col + 0.5)) / camera.width}%`, top: `${(100 * (row + 0.5)) / camera.height}%` }}
          title={`Relevancy ${relevancy.toFixed(2)}: fly there`}
          aria-label={`Fly to place ${index + 1}, relevancy ${relevancy.toFixed(2)}`}
          onClick={() => flyTo(position)}
        >
          {index + 1}
        </button>
      ))}
    </>
  );
}

function Busy() {
  const busy = state.busy.value;
  if (!busy || waiting.value || state.fatal.value !== undefined) return null;
  const share = busy.total > 0 ? busy.done / busy.total : undefined;
  const first = state.frame.value === undefined;
  return (
    <div class={first ? 'busy first' : 'busy'}>
      <progress value={share} max={1} aria-label={busy.what} />
      <span>
        {busy.what}
        {share === undefined ? ' …' : ` · ${Math.round(100 * share)} %`}
      </span>
    </div>
  );
}

function Trouble() {
  const { fatal, trouble } = state;
  if (fatal.value !== undefined && !cameToNothing.value)
    return (
      <div class="card" role="alert">
        <h2>The scene cannot be shown</h2>
        <p>{fatal.value}</p>
        <button type="button" class="primary" onClick={() => start()}>
          Try again
        </button>
      </div>
    );
  if (trouble.value === undefined) return null;
  return (
    <p class="trouble" role="alert">
      {trouble.value}
    </p>
  );
}
