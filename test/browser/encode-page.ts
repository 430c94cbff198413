/** What the page of browser-encoders.test.ts runs: an encoder folder over HTTP, through onnxruntime-web. */
import { openEncoder } from '../../src/encoders/onnx-encoder.ts';
import { loadWebRuntime, type WebRuntimeOptions } from '../../src/encoders/web-runtime.ts';
import { memoryFiles } from '../memory-files.ts';

export interface EncodeRequest {
  folder: string;
  files: string[];
  device: WebRuntimeOptions['device'];
  side: number;
  texts: string[];
}

export interface EncodeResult {
  device: string;
  isolated: boolean;
  identity: string;
  images: number[];
  texts: number[];
  dense: number[];
}

/** The same numbers on both sides. */
export const patternOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 37 + (i >> 7)) % 256);

export async function encode({ folder, files: names, device, side, texts }: EncodeRequest): Promise<EncodeResult> {
  const files = memoryFiles();
  for (const name of names) {
    const response = await fetch(`/${folder}/${name}`);
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    await files.writeAtomic(`encoder/${name}`, new Uint8Array(await response.arrayBuffer()));
  }
  const runtime = await loadWebRuntime({ device });
  const encoder = await openEncoder('encoder', files, runtime);
  const images = await encoder.encodeImages({ count: 3, side, data: patternOf(3 * 3 * side * side) });
  const phrases = await encoder.encodeTexts(texts);
  const dense = await encoder.dense?.encodePhoto({ width: 90, height: 60, rgb: patternOf(3 * 90 * 60) });
  await encoder.close();
  return {
    device: runtime.device,
    isolated: crossOriginIsolated,
    identity: encoder.identity,
    images: [...images],
    texts: [...phrases],
    dense: [...(dense?.features ?? [])],
  };
}

Object.assign(globalThis, { encode });
