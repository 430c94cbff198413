/**
 * A GPU that is open for work: adapter choice, limits requested and checked, optional features noticed, and the two
 * ways a device fails – a lost device, an error nobody caught – turned into errors that name the kernels in flight.
 * A failed device stays failed: every later call throws the same error, so no corrupted result is ever written out.
 */
import { LangfieldError } from '../../errors.ts';

export interface DeviceOptions {
  /** 'software' asks for the fallback adapter, which tests use; others prefer a discrete GPU. */
  adapter?: 'fast' | 'low-power' | 'software';
}

/** What kernels may use beyond the core of WebGPU. */
export interface DeviceFeatures {
  /** shader-f16 */
  halfPrecision: boolean;
  subgroups: boolean;
  timestamps: boolean;
  /** Smallest and largest subgroup the device may choose; 1 … 128 where it does not say. */
  subgroupSizes: [number, number];
}

/** Faster ways through which an engine sends its work; off until they were verified (fast-paths.ts). */
export interface FastPaths {
  /** Sums over a workgroup by subgroup operations. */
  subgroupSums: boolean;
  /** Hash-grid tables of an engine that only renders are kept in half precision. */
  halfTables: boolean;
}

const optionalFeatures: GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/** Limits that are raised to what the adapter has; the others stay at WebGPU's defaults. */
const raisedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const;

/** What the kernels were written for; WebGPU promises it, so only a broken driver has less. */
const requiredLimits = {
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupsPerDimension: 65535,
} as const;

const cpuAdvice = 'Use --device cpu, or update the graphics driver';

async function requestAdapter(gpu: GPU, wanted: DeviceOptions['adapter']): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter(
    wanted === 'software'
      ? { forceFallbackAdapter: true }
      : { powerPreference: wanted === 'low-power' ? 'low-power' : 'high-performance' },
  );
  if (!adapter) throw new LangfieldError({ problem: 'no GPU can be used through WebGPU', advice: cpuAdvice });
  return adapter;
}

/** "NVIDIA H100 (nvidia, Vulkan driver …)": what benchmarks and messages call the device. */
export function adapterName({ info }: GPUAdapter): string {
  // Browsers hide device and description.
  const name = [info.device, info.description, info.architecture].find((text) => text) ?? 'unnamed GPU';
  const details = [info.vendor, info.description].filter((text) => text !== '' && text !== name).join(', ');
  return details === '' ? name : `${name} (${details})`;
}

function checkLimits(adapter: GPUAdapter): void {
  for (const [limit, least] of Object.entries(requiredLimits)) {
    const found = adapter.limits[limit as keyof typeof requiredLimits];
    if (found < least)
      throw new LangfieldError({
        problem: `the GPU ${adapterName(adapter)} is too limited`,
        field: limit,
        found: `${found}`,
        expected: `${least} or more`,
        advice: cpuAdvice,
      });
  }
}

function noticeFeatures(device: GPUDevice, { info }: GPUAdapter): DeviceFeatures {
  return {
    halfPrecision: device.features.has('shader-f16'),
    subgroups: device.features.has('subgroups'),
    timestamps: device.features.has('timestamp-query'),
    subgroupSizes: [info.subgroupMinSize || 1, info.subgroupMaxSize || 128],
  };
}

export class OpenDevice {
  readonly device: GPUDevice;
  readonly name: string;
  readonly features: DeviceFeatures;
  /** Runs on the CPU: right for tests, slower than the CPU engine. */
  readonly software: boolean;
  paths: FastPaths = { subgroupSums: false, halfTables: false };
  /** Kernels of the last submit: what a failure is blamed on. */
  lastKernels: readonly string[] = [];
  /** Referenced as long as the device: in Node a device dies with the object it came from. */
  readonly owner: GPU;
  /** Resolves when the device fails; a device that is closed never does. */
  readonly failure: Promise<LangfieldError>;
  #tellFailure!: (failure: LangfieldError) => void;
  #failure: LangfieldError | undefined;
  #closed = false;

  constructor(owner: GPU, adapter: GPUAdapter, device: GPUDevice) {
    this.owner = owner;
    this.device = device;
    this.name = adapterName(adapter);
    this.features = noticeFeatures(device, adapter);
    this.software = adapter.info.isFallbackAdapter === true;
    this.failure = new Promise((resolve) => {
      this.#tellFailure = resolve;
    });
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.fail('the GPU refused work', event.error.message);
    });
    void device.lost.then(({ message, reason }) => {
      if (!this.#closed) this.fail('the GPU was lost', message || reason);
    });
  }

  get limits(): GPUSupportedLimits {
    return this.device.limits;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Records the first failure; the ones after it are usually its echoes. */
  fail(problem: string, message: string): void {
    const running = this.lastKernels.length > 0 ? ` while it ran ${[...new Set(this.lastKernels)].join(', ')}` : '';
    this.#failure ??= new LangfieldError({
      problem: `${problem}${running} on ${this.name}`,
      found: message.trim().split('\n').slice(0, 3).join(' '),
      advice: 'Resume the run from its last checkpoint; if it happens again, use --device cpu',
    });
    this.#tellFailure(this.#failure);
  }

  /** Throws what went wrong with the device, if anything did. */
  check(): void {
    if (this.#failure) throw this.#failure;
    if (this.#closed) throw new Error(`the GPU ${this.name} is closed`);
  }

  close(): void {
    this.#closed = true;
    this.device.destroy();
  }
}

/** What WebGPU offers: a GPU, only software that stands in for one, or nothing. */
export async function availableAdapter(gpu: GPU | undefined): Promise<'hardware' | 'software' | 'none'> {
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return 'none';
  return adapter.info.isFallbackAdapter ? 'software' : 'hardware';
}

/** @param gpu navigator.gpu, or the platform's `openGpu()` */
export async function openDevice(gpu: GPU, { adapter: wanted = 'fast' }: DeviceOptions = {}): Promise<OpenDevice> {
  const adapter = await requestAdapter(gpu, wanted);
  checkLimits(adapter);
  const requiredFeatures = optionalFeatures.filter((feature) => adapter.features.has(feature));
  const requested = Object.fromEntries(raisedLimits.map((limit) => [limit, adapter.limits[limit]]));
  try {
    const device = await adapter.requestDevice({ label: 'langfield', requiredFeatures, requiredLimits: requested });
    return new OpenDevice(gpu, adapter, device);
  } catch (cause) {
    throw new LangfieldError(
      {
        problem: `the GPU ${adapterName(adapter)} does not open`,
        found: cause instanceof Error ? cause.message : String(cause),
        advice: cpuAdvice,
      },
      { cause },
    );
  }
}
