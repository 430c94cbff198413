/**
 * The photos as small pictures; one click looks through the photo's own camera. For the keyboard the strip is one stop,
 * in which arrows go from photo to photo: a capture has hundreds of them.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { sitePaths } from '../site-paths.ts';
import { goToPhoto } from './moves.ts';
import { sceneBase } from './scene-base.ts';
import { photo, scene } from './state.ts';

/** From photo `at` of 0 … `last`. */
const arrowKeys: Record<string, (at: number, last: number) => number> = {
  ArrowLeft: (at) => Math.max(0, at - 1),
  ArrowRight: (at, last) => Math.min(last, at + 1),
  Home: () => 0,
  End: (_, last) => last,
};

export function PhotoStrip() {
  const strip = useRef<HTMLElement>(null);
  const current = photo.value;
  /** The photo that the tab key reaches. */
  const [stop, setStop] = useState(0);
  useEffect(() => {
    const chosen = current === undefined ? null : strip.current?.querySelector('[aria-pressed=true]');
    chosen?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    if (current !== undefined) setStop(current);
  }, [current]);
  const photos = scene.value?.photos ?? [];
  if (photos.length === 0) return null;
  return (
    <nav
      ref={strip}
      class="strip"
      aria-label="Photos"
      onKeyDown={(event) => {
        const next = arrowKeys[event.key]?.(Math.min(stop, photos.length - 1), photos.length - 1);
        if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        strip.current!.querySelectorAll<HTMLElement>('.thumb')[next].focus();
      }}
    >
      {photos.map(({ name, available, split, camera }, index) => (
        <button
          type="button"
          key={name}
          class="thumb"
          style={{ aspectRatio: `${camera.width} / ${camera.height}` }}
          aria-pressed={index === current}
          title={`${name}${split === 'test' ? ' (held out)' : ''}`}
          aria-label={`Look from photo ${name}`}
          tabIndex={index === Math.min(stop, photos.length - 1) ? 0 : -1}
          onFocus={() => setStop(index)}
          onClick={() => goToPhoto(index)}
        >
          {available ? (
            <img src={sceneBase + sitePaths.smallPhoto(index)} alt="" loading="lazy" draggable={false} />
          ) : (
            <span>{index + 1}</span>
          )}
        </button>
      ))}
    </nav>
  );
}
