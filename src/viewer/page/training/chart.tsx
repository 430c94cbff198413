/** A curve of a training, or one for each language field: an SVG that stretches, with its numbers beside it as text. */
import { useState } from 'preact/hooks';
import { axisEnd, chartScale, nearest, type Series } from './chart-scale.ts';
import { grouped } from './words.ts';

export interface ChartProps {
  title: string;
  series: readonly Series[];
  /** Steps of the stage. */
  steps: number;
  logarithmic: boolean;
  show(value: number): string;
}

/** Of the drawing, in its own units; it is stretched over the width that there is. */
const [width, height, margin] = [200, 60, 3];

export function Chart({ title, series, steps, logarithmic, show }: ChartProps) {
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const end = axisEnd(series, steps);
  const scale = chartScale(series, end, logarithmic);
  if (!scale) return null;
  const x = (step: number) => width * scale.x(step);
  const y = (value: number) => height - margin - (height - 2 * margin) * scale.y(value);
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    setPointed(((event.clientX - box.left) / box.width) * end);
  };
  const shown = series.map(({ points }) => (pointed === undefined ? points.at(-1) : nearest(points, pointed)));
  const at = pointed === undefined ? undefined : shown[0]?.[0];
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <span class="chart-values">
          {at !== undefined && <span class="quiet">at {grouped(at)}</span>}
          {series.map(({ name }, index) => (
            <span key={name} class={`chart-value series-${index % 4}`}>
              {series.length > 1 && <span class="chart-name">{name}</span>} {shown[index] ? show(shown[index][1]) : ''}
            </span>
          ))}
        </span>
      </figcaption>
      <div class="chart-body">
        <span class="chart-most">{show(scale.most)}</span>
        <span class="chart-least">{show(scale.least)}</span>
        <svg
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={description(title, series, show)}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setPointed(undefined)}
        >
          {[margin, height / 2, height - margin].map((line) => (
            <line key={line} class="grid" x1="0" x2={width} y1={line} y2={line} />
          ))}
          {series.map(({ name, points }, index) => (
            <path key={name} class={`series-${index % 4}`} d={pathOf(points, x, y)} />
          ))}
          {at !== undefined && <line class="pointed" x1={x(at)} x2={x(at)} y1="0" y2={height} />}
        </svg>
        <span class="chart-from">0</span>
        <span class="chart-to">{grouped(end)}</span>
      </div>
    </figure>
  );
}

function pathOf(points: Series['points'], x: (step: number) => number, y: (value: number) => number): string {
  const drawn = points
    .map(([step, value]) => `${x(step).toFixed(2)} ${y(value).toFixed(2)}`)
    .filter((at) => !at.includes('N'));
  // A single point would not be seen; round ends make a dot of a line without length.
  return drawn.length === 1 ? `M${drawn[0]}h0` : `M${drawn.join('L')}`;
}

function description(title: string, series: readonly Series[], show: (value: number) => string): string {
  const each = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) return '';
    const of = series.length > 1 ? `${name}: ` : '';
    return `${of}${show(last[1])} at step ${last[0]}, from ${show(first[1])} at step ${first[0]}`;
  });
  return `${title}. ${each.join('. ')}`;
}
