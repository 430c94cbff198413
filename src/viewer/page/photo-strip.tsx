/** The training photos as small pictures; one click looks through the photo's own camera. */
import { useEffect, useRef } from 'preact/hooks';
import { sitePaths } from '../site-paths.ts';
import { goToPhoto } from './moves.ts';
import { sceneBase } from './scene-base.ts';
import { photo, scene } from './state.ts';

export function PhotoStrip() {
  const strip = useRef<HTMLElement>(null);
  const current = photo.value;
  useEffect(() => {
    const chosen = current === undefined ? null : strip.current?.querySelector('[aria-pressed=true]');
    chosen?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  const photos = scene.value?.photos ?? [];
  if (photos.length === 0) return null;
  return (
    <nav ref={strip} class="strip" aria-label="Photos">
      {photos.map(({ name, available, split, camera }, index) => (
        <button
          type="button"
          key={name}
          class="thumb"
          style={{ aspectRatio: `${camera.width} / ${camera.height}` }}
          aria-pressed={index === current}
          title={`${name}${split === 'test' ? ' (held out)' : ''}`}
          aria-label={`Look from photo ${name}`}
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
