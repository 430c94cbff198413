/** Which engine renders, what a visitor may choose, and why WebGPU does not render where it does not. */
import { signal } from '@preact/signals';
import { type EngineChoice, type EngineStatus, engineChoices } from '../session/engine-status.ts';
import { Field } from './parts.tsx';
import { readRemembered, remember } from './remembered.ts';
import { scene } from './state.ts';

const storageKey = 'langfield-engine';
const choiceNames: Record<EngineChoice, string> = { auto: 'Automatic', webgpu: 'WebGPU', wasm: 'WebAssembly' };

/** It is about this machine, so it stays in this browser and out of shared addresses. */
export const engineChoice = signal(readRemembered(storageKey, engineChoices, 'auto'));
export const engineStatus = signal<EngineStatus | undefined>(undefined);

/** What is missing, and what may help. */
const lacks: Record<NonNullable<EngineStatus['lack']>, { what: string; hint: string }> = {
  insecure: {
    what: 'Browsers offer WebGPU to pages at https:// and on localhost only.',
    hint: 'Open the page through https://, or through an SSH tunnel to a server on this machine.',
  },
  absent: {
    what: 'This browser has no WebGPU.',
    hint: 'Try a current Chrome, Edge, Safari or Firefox; on Linux it may have to be switched on in the settings.',
  },
  none: {
    what: 'This browser has WebGPU, but no GPU that it may use.',
    hint: 'Switch on graphics acceleration in the settings of the browser, and update the graphics driver.',
  },
  software: {
    what: 'WebGPU runs in software here, which is slower than WebAssembly.',
    hint: 'If there is a GPU, switch on graphics acceleration in the settings of the browser and update the driver.',
  },
};

/** "WebGPU, apple m2", "CPU, 4 threads" */
export function engineText(): string {
  const status = engineStatus.value;
  if (status?.name === 'webgpu') return `WebGPU, ${status.device}`;
  const threads = scene.value?.threads ?? 1;
  return `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

export function EngineField({ onChoose }: { onChoose(choice: EngineChoice): void }) {
  const status = engineStatus.value;
  const choose = (choice: EngineChoice) => {
    engineChoice.value = choice;
    remember(storageKey, choice);
    onChoose(choice);
  };
  return (
    <Field label="Engine">
      {(id) => (
        <>
          <select id={id} value={engineChoice.value} onChange={(e) => choose(e.currentTarget.value as EngineChoice)}>
            {engineChoices.map((choice) => (
              <option key={choice} value={choice}>
                {choiceNames[choice]}
              </option>
            ))}
          </select>
          {status?.lack && engineChoice.value === 'webgpu' && <span class="hint">{lacks[status.lack].what}</span>}
        </>
      )}
    </Field>
  );
}

/** For the help. */
export function AboutEngine() {
  const status = engineStatus.value;
  if (!status) return null;
  const lack = status.lack && lacks[status.lack];
  return (
    <>
      <h2>What renders</h2>
      <p>
        {engineText()}. {status.note ?? lack?.what}
      </p>
      {lack && <p class="hint">{lack.hint}</p>}
    </>
  );
}

/** One line about what the visitor did not ask for, over the picture until it is put away. */
export function EngineNote() {
  const status = engineStatus.value;
  if (status?.note === undefined) return null;
  const close = () => {
    engineStatus.value = { ...status, note: undefined };
  };
  return (
    <p class="engine-note" role="status">
      {status.note}
      <button type="button" class="icon" aria-label="Put this note away" onClick={close}>
        ×
      </button>
    </p>
  );
}
