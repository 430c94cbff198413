/** Which engine a visitor wants, what WebGPU offers here, and what came of it. */

export const engineChoices = ['auto', 'webgpu', 'wasm'] as const;
/** auto: WebGPU on a GPU, WebAssembly elsewhere. */
export type EngineChoice = (typeof engineChoices)[number];

/** `none`: WebGPU without any adapter; `absent`: no WebGPU in this browser; `insecure`: none for pages of such an address. */
export type WebGpuPlace = 'hardware' | 'software' | 'none' | 'absent' | 'insecure';

export interface EngineStatus {
  name: 'reference' | 'wasm' | 'webgpu';
  /** What the GPU that renders calls itself. */
  device?: string;
  /** Why WebGPU was not tried. */
  lack?: Exclude<WebGpuPlace, 'hardware'>;
  /** One line about something that the visitor did not ask for. */
  note?: string;
}

/** Whether WebGPU is tried. Software is slower than WebAssembly: only for who asks for it. */
export function triesWebGpu(choice: EngineChoice, place: WebGpuPlace): boolean {
  return choice !== 'wasm' && (place === 'hardware' || (place === 'software' && choice === 'webgpu'));
}
