/** The address of the page: its fragment holds the whole state. */
import { writeFragment } from '../share-link.ts';
import * as state from './state.ts';

export function saveFragment(): void {
  const fragment = writeFragment({ looks: state.looks.value, point: state.point.value, photo: state.photo.value });
  if (`#${fragment}` !== location.hash) history.replaceState(null, '', fragment === '' ? '#' : `#${fragment}`);
}
