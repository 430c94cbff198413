/**
 * The memory plan of a scene on a GPU: every array is asked for by name, purpose, type and length before anything is
 * allocated; the plan adds them up, checks them against the device and the user's limit, and prints itself.
 */
import { LangfieldError } from '../../errors.ts';
import { type Scalar, scalarBytes } from '../../ops/wgsl/elements.ts';

export const purposes = ['parameters', 'optimiser', 'gradients', 'activations', 'batch', 'pictures'] as const;
export type Purpose = (typeof purposes)[number];

export interface ArrayRequest<S extends Scalar = Scalar> {
  scalar: S;
  /** Scalars. */
  length: number;
  purpose: Purpose;
}
export type ArrayRequests = Record<string, ArrayRequest>;

export interface MemoryLimits {
  maxBufferSize: number;
  maxStorageBufferBindingSize: number;
  /** Bytes of all arrays together (--max-memory); absent = no limit. */
  maxMemory?: number;
}

export interface MemoryPlan {
  totalBytes: number;
  /** In the order of `purposes`, those that need anything. */
  parts: { purpose: Purpose; bytes: number }[];
}

/** Bytes that an array takes: whole vectors of 16 bytes, at least one, so that a kernel may read it as vec4. */
export function allocatedBytes({ scalar, length }: Pick<ArrayRequest, 'scalar' | 'length'>): number {
  return Math.max(16, Math.ceil((length * scalarBytes[scalar]) / 16) * 16);
}

export const describeBytes = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** @throws LangfieldError when one array is too large for a binding or all together exceed the limit */
export function planMemory(requests: ArrayRequests, limits: MemoryLimits): MemoryPlan {
  const largest = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  for (const [name, request] of Object.entries(requests))
    if (allocatedBytes(request) > largest)
      throw new LangfieldError({
        problem: `"${name}" does not fit into one buffer of the GPU`,
        found: describeBytes(allocatedBytes(request)),
        expected: `${describeBytes(largest)} or less`,
        advice: 'Take fewer rays per step, a smaller preset, or --device cpu',
      });
  const parts = purposes
    .map((purpose) => ({
      purpose,
      bytes: Object.values(requests)
        .filter((request) => request.purpose === purpose)
        .reduce((sum, request) => sum + allocatedBytes(request), 0),
    }))
    .filter(({ bytes }) => bytes > 0);
  const totalBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (limits.maxMemory !== undefined && totalBytes > limits.maxMemory)
    throw new LangfieldError({
      problem: 'the scene does not fit into the GPU memory it may use',
      found: describePlan({ totalBytes, parts }),
      expected: `${describeBytes(limits.maxMemory)} or less`,
      advice: 'Raise --max-memory, take fewer rays per step, a smaller preset, or --device cpu',
    });
  return { totalBytes, parts };
}

/** "1.20 GB: parameters 0.40 GB, optimiser …". */
export function describePlan({ totalBytes, parts }: MemoryPlan): string {
  const named = parts.map(({ purpose, bytes }) => `${purpose} ${describeBytes(bytes)}`);
  return `${describeBytes(totalBytes)}: ${named.join(', ')}`;
}
