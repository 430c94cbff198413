/** The prior over the picture of a photo, and its controls in the panel. */
import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { toImageData } from '../../platform/browser/images.ts';
import { levelCount, nominalRatios } from '../../pyramid/tile-geometry.ts';
import { setLooks } from './requests.ts';
import { Range } from './parts.tsx';
import { levelSummary, missing, type OpenPlan, openPlan, planTrouble, pointed, shownLayer } from './prior-layer.ts';
import * as state from './state.ts';

export function PriorOverlay() {
  const open = openPlan.value;
  if (!open || shownLayer.value === undefined) return null;
  return (
    <>
      <PriorCanvas />
      <Marks open={open} />
    </>
  );
}

function PriorCanvas() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSignalEffect(() => {
    const open = openPlan.value;
    const layer = shownLayer.value;
    if (!open || !layer || !canvas.current) return;
    const { code, plan, photo } = open;
    const { level } = state.looks.value;
    const image = layer === 'tiles' ? code.tilesPicture(plan, level, photo) : code.regionsPicture(plan, photo);
    canvas.current.width = image.width;
    canvas.current.height = image.height;
    canvas.current.getContext('2d')!.putImageData(toImageData(image), 0, 0);
    canvas.current.dataset.prior = layer === 'tiles' ? `tiles ${level}` : layer;
  });
  return <canvas ref={canvas} class="over" />;
}

/** The grid of the level, and outlines of what is under the pointer. */
function Marks({ open: { code, plan } }: { open: OpenPlan }) {
  const { width, height } = plan.geometry;
  const grid =
    shownLayer.value === 'tiles' && !plan.byPixel ? code.cellLines(plan, state.looks.value.level) : undefined;
  const { region, tile } = pointed.value ?? {};
  const rectangle = (box: NonNullable<typeof region>, kind: string) => (
    <rect class={kind} x={box.left} y={box.top} width={box.right - box.left + 1} height={box.bottom - box.top + 1} />
  );
  return (
    <svg class="over marks" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {grid && (
        <path
          class="grid"
          d={[...grid.rows.map((y) => `M0 ${y}H${width}`), ...grid.cols.map((x) => `M${x} 0V${height}`)].join('')}
        />
      )}
      {region && rectangle(region, 'region')}
      {tile && rectangle(tile, 'tile')}
    </svg>
  );
}

export function PriorControls() {
  const layer = shownLayer.value;
  if (layer === undefined) return null;
  const reason = missing.value ?? planTrouble.value;
  if (reason !== undefined) return <p class="warning">{reason}</p>;
  if (layer === 'regions')
    return <p class="hint">The finest regions of the photo; the pointer names each, and the levels of its size.</p>;
  const { level } = state.looks.value;
  return (
    <>
      <Range
        label="Level"
        value={level + 1}
        least={1}
        most={levelCount}
        step={1}
        show={(value) => `${value}: tiles of ${100 * nominalRatios[value - 1]} % of the height`}
        onInput={(value) => setLooks({ level: value - 1 })}
      />
      {levelSummary.value !== undefined && <p class="hint">{levelSummary.value}</p>}
    </>
  );
}
