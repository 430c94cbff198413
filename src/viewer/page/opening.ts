/** Opens a scene, and what the messages of its session do to the page. */
import { batch } from '@preact/signals';
import type { FromSession } from '../session/protocol.ts';
import { readFragment } from '../share-link.ts';
import { engineChoice, engineStatus } from './engine.tsx';
import { goToPhoto, home, setPoint } from './moves.ts';
import { cancelStill, connect, phrasesOf, request, takeStill } from './requests.ts';
import { sceneBase } from './scene-base.ts';
import { openSession } from './session-client.ts';
import * as state from './state.ts';
import { followScene, pictureIsDone } from './training/refresh.ts';
import { followTraining } from './training/state.ts';

export function start(base = sceneBase): void {
  batch(() => {
    state.fatal.value = undefined;
    state.awaited.value = 0;
    state.trouble.value = undefined;
    engineStatus.value = undefined;
    state.busy.value = { what: 'loading the scene', done: 0, total: 0 };
  });
  connect(() => openSession(base, engineChoice.value, receive));
}

function receive(message: FromSession): void {
  batch(() => {
    // An encoder that is fetched ahead of a question is nothing to wait for.
    if (message.kind === 'loading' && state.scene.value && state.looks.value.phrases.length === 0) return;
    if (message.kind === 'loading' || message.kind === 'progress') {
      const { what, done, total } = message;
      state.busy.value = { what: message.kind === 'loading' ? `loading ${what}` : what, done, total };
    } else if (message.kind === 'opened') opened(message);
    else if (message.kind === 'training') followTraining(message.waiting);
    else if (message.kind === 'engine') {
      engineStatus.value = message.status;
      if (message.status.note !== undefined) state.notice.value = message.status.note;
    } else if (message.kind === 'refreshed') refreshed();
    else if (message.kind === 'replaced') start();
    else if (message.kind === 'words') {
      state.unknownWords.value = message.unknown;
      state.meaningless.value = message.meaningless;
    } else if (message.kind === 'frame') showFrame(message);
    else failed(message);
  });
}

function refreshed(): void {
  state.notice.value = 'The scene was trained further';
  followScene((longestSide) => request(false, { longestSide }));
}

function opened({ scene }: Extract<FromSession, { kind: 'opened' }>): void {
  state.scene.value = scene;
  state.busy.value = undefined;
  document.title = `${scene.name} – langfield`;
  if (state.point.value === undefined) applyFragment(location.hash);
  else request(false);
}

function showFrame({ frame }: Extract<FromSession, { kind: 'frame' }>): void {
  state.frame.value = frame;
  state.asked.value = phrasesOf(frame.id);
  takeStill(frame);
  if (!frame.final) return;
  if (frame.id === state.awaited.value) state.awaited.value = undefined;
  pictureIsDone();
  state.busy.value = undefined;
  announce();
}

function announce(): void {
  const { phrases, selected } = state.looks.value;
  const phrase = phrases[selected];
  const answer = phrase && state.answerTo(phrase.text);
  if (!answer) return;
  const count = state.places.value.length;
  const found = `${phrase.text}: found at ${count} ${count === 1 ? 'place' : 'places'}`;
  state.notice.value = answer.found ? found : `${phrase.text}: not found in this view`;
}

function failed({ id, scope, message }: Extract<FromSession, { kind: 'failed' }>): void {
  if (scope === 'fatal') cancelStill(message);
  else if (id !== undefined) cancelStill(message, id);
  state.busy.value = undefined;
  if (scope === 'fatal' || (scope === 'picture' && id === state.awaited.value)) state.awaited.value = undefined;
  if (scope === 'fatal') state.fatal.value = message;
  else state.trouble.value = message;
}

/** Takes over the state of a shared address. */
export function applyFragment(fragment: string): void {
  const shared = readFragment(fragment);
  batch(() => {
    state.looks.value = shared.looks;
    if (shared.photo !== undefined && state.scene.value?.photos[shared.photo]) goToPhoto(shared.photo, false);
    else if (shared.point) setPoint(shared.point, false);
    else home(false);
  });
  request(false);
}
