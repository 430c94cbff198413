/**
 * The engines of a session, one at a time. WebAssembly is there at once and shows the first pictures; WebGPU takes over
 * when it is wanted, opens, and shows what WebAssembly shows. A GPU that fails is replaced: by WebAssembly at once, by the
 * GPU opened anew when it has failed only once.
 */
import type { Engine, TensorMap } from '../../engines/engine.ts';
import { LangfieldError } from '../../errors.ts';
import { type EngineChoice, type EngineStatus, triesWebGpu, type WebGpuPlace } from './engine-status.ts';

export interface GpuEngine extends Engine {
  /** What the GPU calls itself. */
  readonly device: string;
  /** Resolves when the GPU is lost or refuses work. */
  readonly failure: Promise<Error>;
}

/** How engines are made here; tests have others. */
export interface EngineMakers {
  cpu(parameters: TensorMap): Promise<Engine>;
  gpu(parameters: TensorMap): Promise<GpuEngine>;
  webGpu(): Promise<WebGpuPlace>;
  /** What differs between the pictures of the two; undefined when nothing does. */
  disagreement(gpu: Engine, cpu: Engine): Promise<string | undefined>;
}

export interface EngineUser {
  /** Resolves when the engine is in use, and the one before no longer is. */
  useEngine(engine: Engine): Promise<void>;
}

const notes = {
  software: 'WebGPU runs in software here, which is slower than WebAssembly.',
  reopening: 'The GPU stopped working: WebAssembly renders while it is opened again.',
  reopened: 'The GPU stopped working and was opened again.',
  lost: 'The GPU stopped working again: WebAssembly renders instead.',
};

export class EngineSupply {
  /** Those of the scene as it was trained last. */
  parameters: TensorMap;
  private readonly makers: EngineMakers;
  private readonly tell: (status: EngineStatus) => void;
  private readonly fail: (error: unknown) => void;
  private user: EngineUser | undefined;
  private current!: Engine;
  private failures = 0;
  /** Changes of the engine happen one after the other. */
  private last: Promise<unknown> = Promise.resolve();

  /** @param fail told when no engine is left */
  constructor(
    makers: EngineMakers,
    parameters: TensorMap,
    tell: (status: EngineStatus) => void,
    fail: (error: unknown) => void,
  ) {
    this.makers = makers;
    this.parameters = parameters;
    this.tell = tell;
    this.fail = fail;
  }

  /** The first engine. */
  async open(): Promise<Engine> {
    this.current = await this.makers.cpu(this.parameters);
    return this.current;
  }

  /** Gives `user` the engine of the visitor's choice; resolves when that is done. */
  choose(choice: EngineChoice, user: EngineUser): Promise<void> {
    this.user = user;
    return this.inTurn(async () => {
      this.failures = 0;
      const place = choice === 'wasm' ? undefined : await this.makers.webGpu();
      if (place === undefined || !triesWebGpu(choice, place)) await this.useCpu(place);
      else if (this.current.name !== 'webgpu') await this.tryGpu(place === 'software' ? notes.software : undefined);
    });
  }

  /** An engine has failed; true when another one takes its place, which then comes through `useEngine`. */
  replaces(engine: Engine): boolean {
    if (engine !== this.current) return true;
    if (engine.name !== 'webgpu') return false;
    void this.inTurn(() => this.recover(engine));
    return true;
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.last = this.last.then(work).catch(this.fail);
    return this.last as Promise<void>;
  }

  private async useCpu(place?: WebGpuPlace, note?: string): Promise<void> {
    if (this.current.name === 'webgpu') await this.hand(await this.makers.cpu(this.parameters));
    const lack = place === 'hardware' ? undefined : place;
    this.tell({ name: this.current.name, ...(lack && { lack }), ...(note && { note }) });
  }

  /** From the CPU's engine to the GPU's, or nowhere. */
  private async tryGpu(note?: string): Promise<void> {
    const cpu = this.current;
    let gpu: GpuEngine | undefined;
    try {
      let written = this.parameters;
      gpu = await this.makers.gpu(written);
      const difference = await this.makers.disagreement(gpu, cpu);
      if (difference !== undefined) throw new Error(`the GPU answered wrongly (${difference})`);
      while (written !== this.parameters) {
        written = this.parameters;
        await gpu.writeParameters(written);
      }
    } catch (error) {
      await gpu?.close().catch(() => undefined);
      await this.useCpu(undefined, `WebGPU was given up: ${reasonOf(error)}. WebAssembly renders instead.`);
      return;
    }
    await this.hand(gpu);
    this.tell({ name: gpu.name, device: gpu.device, ...(note && { note }) });
    const watched = gpu;
    void gpu.failure.then(() => this.replaces(watched));
  }

  private async recover(broken: Engine): Promise<void> {
    if (this.current !== broken) return;
    const first = ++this.failures === 1;
    await this.useCpu(undefined, first ? notes.reopening : notes.lost);
    if (first) await this.tryGpu(notes.reopened);
  }

  private async hand(engine: Engine): Promise<void> {
    const before = this.current;
    this.current = engine;
    await this.user?.useEngine(engine);
    // Nothing depends on it any more.
    await before.close().catch(() => undefined);
  }
}

/** Without advice, which is about the command line. */
function reasonOf(error: unknown): string {
  if (!(error instanceof LangfieldError)) return error instanceof Error ? error.message : String(error);
  const { problem, found, expected } = error.fault;
  const details = [found, expected && `needed: ${expected}`].filter((part) => part !== undefined);
  return details.length > 0 ? `${problem} (${details.join('; ')})` : problem;
}
