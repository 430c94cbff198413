/**
 * Shows a scene to a page: coarse pictures while the camera moves, finer ones when it rests, phrases answered in each.
 * Only the newest request counts; work on an older one stops at its next chunk of rays.
 *
 * Scales are chosen as a query chooses them (spec §3.3), but in a small picture of the view, once it rests; finer
 * pictures and a moving camera keep them.
 */
import type { Engine, TensorMap } from '../../engines/engine.ts';
import { LangfieldError } from '../../errors.ts';
import type { Camera } from '../../math/camera.ts';
import { answerView, type FieldAnswer } from '../../query/answer-view.ts';
import { renderAppearance } from '../../query/render-view.ts';
import { chunkRays, coarseCamera, detailLevels, RayRate, sweepCamera } from './detail.ts';
import { FeatureColours } from './feature-colours.ts';
import type { BookEntry, PhraseBook } from './phrase-book.ts';
import type { Frame, FromSession, Question, ViewRequest } from './protocol.ts';
import { ScaleMemory } from './scale-memory.ts';

/** A newer request has come, or another engine. */
class Superseded extends Error {}

/** Speeds of an engine, measured as it works; the guesses are those of a CPU. */
const newRates = () => ({ plain: new RayRate(40), asked: new RayRate(15), sweep: new RayRate(10) });

interface Asked {
  question: Question;
  entry: BookEntry;
}

export class ViewSession {
  private engine: Engine;
  private readonly book: PhraseBook;
  private readonly emit: (message: FromSession) => void;
  private readonly now: () => number;
  private readonly scales = new ScaleMemory();
  private readonly features = new FeatureColours();
  private readonly isReplaced: (engine: Engine) => boolean;
  private rates = newRates();
  /** An engine that takes over as soon as the one in use is not at work. */
  private next: { engine: Engine; adopted(): void } | undefined;
  /** Called when `next` has come, by who waits for it. */
  private arrived: () => void = () => {};
  private wanted: ViewRequest | undefined;
  private working: Promise<void> | undefined;
  /** The last question could not be encoded. */
  private speechless = false;

  /** @param isReplaced told of an engine that fails; true: another one will come through `useEngine` */
  constructor(
    engine: Engine,
    book: PhraseBook,
    emit: (message: FromSession) => void,
    now: () => number,
    isReplaced: (engine: Engine) => boolean = () => false,
  ) {
    this.engine = engine;
    this.isReplaced = isReplaced;
    this.book = book;
    this.emit = emit;
    this.now = now;
  }

  /** Resolves when nothing is left to do. */
  show(request: ViewRequest): Promise<void> {
    this.wanted = request;
    this.working ??= this.work().finally(() => {
      this.working = undefined;
      this.adopt();
    });
    return this.working;
  }

  /** Goes on with another engine of the same scene; resolves when the one before is no longer in use. */
  useEngine(engine: Engine): Promise<void> {
    return new Promise((adopted) => {
      this.next = { engine, adopted };
      this.arrived();
      if (this.working === undefined) this.adopt();
    });
  }

  private adopt(): void {
    if (this.next === undefined) return;
    this.engine = this.next.engine;
    this.rates = newRates();
    this.next.adopted();
    this.next = undefined;
  }

  /** Whether another engine takes the place of the one that has failed; it is there when this resolves. */
  private async replacement(): Promise<boolean> {
    if (this.next !== undefined) return true;
    const arrival = new Promise<void>((resolve) => {
      this.arrived = resolve;
    });
    if (!this.isReplaced(this.engine)) return false;
    await arrival;
    return true;
  }

  /** Goes on with other parameters of the same scene. */
  async refresh(parameters: TensorMap): Promise<void> {
    this.wanted = undefined;
    await this.working;
    try {
      await this.engine.writeParameters(parameters);
    } catch (error) {
      if (!(await this.replacement())) throw error;
      this.adopt(); // made with these parameters
    }
    this.scales.forget();
    this.features.forget();
    this.emit({ kind: 'refreshed' });
  }

  private async work(): Promise<void> {
    while (this.wanted !== undefined) {
      this.adopt();
      const request = this.wanted;
      /** Another engine has interrupted the work, and is asked the same. */
      let again = false;
      try {
        await this.serve(request);
      } catch (error) {
        again = error instanceof Superseded ? this.next !== undefined : await this.replacement();
        if (!again && !(error instanceof Superseded))
          this.emit({ kind: 'failed', id: request.id, scope: 'picture', message: messageOf(error) });
      }
      if (this.wanted === request && !again) this.wanted = undefined;
    }
  }

  private async serve(request: ViewRequest): Promise<void> {
    // An encoder that could not be opened is tried again when the camera rests, not for every picture on the way.
    const mute = request.moving && this.speechless;
    if (request.features?.anew) this.features.forget();
    const asked = request.question && !mute ? await this.lookUp(request, request.question) : undefined;
    const known = asked === undefined || this.scales.covers(asked.question);
    if (request.still) {
      if (asked && !known) await this.chooseScales(request, asked);
      await this.picture(request, request.camera, asked, true);
      return;
    }
    // A picture first: choosing scales for a new phrase takes a while.
    if (request.moving || !known) await this.picture(request, this.coarse(request, known), known ? asked : undefined);
    if (request.moving && known) return;
    if (asked && !this.scales.covers(asked.question, request.camera)) {
      if (known) await this.picture(request, this.coarse(request, true), asked);
      await this.chooseScales(request, asked);
    }
    if (request.moving) await this.picture(request, this.coarse(request, true), asked);
    else await this.sharpen(request, asked);
  }

  private async sharpen(request: ViewRequest, asked: Asked | undefined): Promise<void> {
    const levels = detailLevels(request.camera, this.rate(asked));
    const passes = Math.max(1, asked?.question.fields.length ?? 0) + (request.features ? 1 : 0);
    const total = passes * levels.reduce((sum, { width, height }) => sum + width * height, 0);
    const onRays = this.watch(request, 'sharpening', total);
    for (const level of levels) await this.picture(request, level, asked, level === request.camera, onRays);
  }

  private rate(asked: Asked | undefined): number {
    return (asked ? this.rates.asked : this.rates.plain).raysPerMs;
  }

  private coarse({ camera, question }: ViewRequest, withQuestion: boolean): Camera {
    const rate = question && withQuestion ? this.rates.asked : this.rates.plain;
    return coarseCamera(camera, rate.raysPerMs);
  }

  /** undefined, after saying why, when the phrases cannot be encoded. */
  private async lookUp({ id }: ViewRequest, question: Question): Promise<Asked | undefined> {
    try {
      const phrases = question.phrases.map(({ text }) => text);
      const entry = await this.book.lookUp(phrases, question.negatives);
      this.speechless = false;
      const { unknown, meaningless } = entry;
      this.emit({ kind: 'words', id, unknown, meaningless });
      return { question, entry };
    } catch (error) {
      this.speechless = true;
      this.emit({ kind: 'failed', id, scope: 'question', message: messageOf(error) });
      return undefined;
    }
  }

  private async chooseScales(request: ViewRequest, { question, entry }: Asked): Promise<void> {
    const camera = sweepCamera(request.camera);
    const total = camera.width * camera.height * question.fields.length;
    const onRays = this.watch(request, 'choosing the scale', total);
    const { sweep } = this.rates;
    const options = { chunkRays: chunkRays(sweep.raysPerMs), onRays };
    const start = this.now();
    const { fields } = await answerView(this.engine, camera, entry.texts, question.fields, options);
    sweep.add(total, this.now() - start);
    this.scales.remember(question, request.camera, fields);
  }

  private async picture(
    request: ViewRequest,
    camera: Camera,
    asked: Asked | undefined,
    final = false,
    onRays: (count: number) => void = this.watch(request),
  ): Promise<void> {
    const rate = asked ? this.rates.asked : this.rates.plain;
    const options = { chunkRays: chunkRays(rate.raysPerMs), onRays };
    const start = this.now();
    const { fields, ...appearance } = asked
      ? await this.answer(camera, asked, options)
      : { ...(await renderAppearance(this.engine, camera, options)), fields: [] };
    const { features } = request;
    const components = features && (await this.features.render(this.engine, camera, features, options, request.camera));
    // Rays of the picture, not of the passes: two fields make a picture take twice as long.
    rate.add(camera.width * camera.height, this.now() - start);
    this.emit({ kind: 'frame', frame: { id: request.id, camera, final, appearance, fields, components } });
  }

  private async answer(
    camera: Camera,
    { question, entry }: Asked,
    options: { chunkRays: number; onRays: (count: number) => void },
  ): Promise<Frame['appearance'] & { fields: FieldAnswer[] }> {
    const keptScales = question.fields.map((field) => this.scales.scalesOf(question, field));
    const answer = await answerView(this.engine, camera, entry.texts, question.fields, { ...options, keptScales });
    return { ...answer, fields: this.scales.withCurves(question, answer.fields) };
  }

  /**
   * Reports progress, and stops the work when a newer request has come. A moving camera is asked for more often than a
   * slow machine can answer; its pictures are finished, or none would ever be seen.
   */
  private watch(request: ViewRequest, what = '', total = 0): (count: number) => void {
    let done = 0;
    return (count) => {
      if (this.wanted !== request && !(request.moving && this.wanted?.moving)) throw new Superseded();
      if (this.next !== undefined && !request.moving) throw new Superseded();
      done += count;
      if (what !== '') this.emit({ kind: 'progress', id: request.id, what, done, total });
    };
  }
}

export function messageOf(error: unknown): string {
  if (error instanceof LangfieldError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
