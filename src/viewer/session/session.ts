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
import { coarseCamera, detailLevels, RayRate, sweepCamera } from './detail.ts';
import { FeatureColours } from './feature-colours.ts';
import type { BookEntry, PhraseBook } from './phrase-book.ts';
import type { Frame, FromSession, Question, ViewRequest } from './protocol.ts';
import { ScaleMemory } from './scale-memory.ts';

/** A newer request has come. */
class Superseded extends Error {}

/** Rays per engine call; between calls a newer request can be seen. */
const chunkRays = { picture: 2048, sweep: 512 };

interface Asked {
  question: Question;
  entry: BookEntry;
}

export class ViewSession {
  private readonly engine: Engine;
  private readonly book: PhraseBook;
  private readonly emit: (message: FromSession) => void;
  private readonly now: () => number;
  private readonly scales = new ScaleMemory();
  private readonly plainRate = new RayRate(40);
  private readonly askedRate = new RayRate(15);
  private readonly features: FeatureColours;
  private wanted: ViewRequest | undefined;
  private working: Promise<void> | undefined;
  /** The last question could not be encoded. */
  private speechless = false;

  constructor(engine: Engine, book: PhraseBook, emit: (message: FromSession) => void, now: () => number) {
    this.engine = engine;
    this.features = new FeatureColours(engine);
    this.book = book;
    this.emit = emit;
    this.now = now;
  }

  /** Resolves when nothing is left to do. */
  show(request: ViewRequest): Promise<void> {
    this.wanted = request;
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
    return this.working;
  }

  /** Goes on with other parameters of the same scene. */
  async refresh(parameters: TensorMap): Promise<void> {
    this.wanted = undefined;
    await this.working;
    await this.engine.writeParameters(parameters);
    this.scales.forget();
    this.features.forget();
    this.emit({ kind: 'refreshed' });
  }

  private async work(): Promise<void> {
    while (this.wanted !== undefined) {
      const request = this.wanted;
      try {
        await this.serve(request);
      } catch (error) {
        if (!(error instanceof Superseded))
          this.emit({ kind: 'failed', id: request.id, scope: 'picture', message: messageOf(error) });
      }
      if (this.wanted === request) this.wanted = undefined;
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
    return (asked ? this.askedRate : this.plainRate).raysPerMs;
  }

  private coarse({ camera, question }: ViewRequest, withQuestion: boolean): Camera {
    const rate = question && withQuestion ? this.askedRate : this.plainRate;
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
    const options = { chunkRays: chunkRays.sweep, onRays };
    const { fields } = await answerView(this.engine, camera, entry.texts, question.fields, options);
    this.scales.remember(question, request.camera, fields);
  }

  private async picture(
    request: ViewRequest,
    camera: Camera,
    asked: Asked | undefined,
    final = false,
    onRays: (count: number) => void = this.watch(request),
  ): Promise<void> {
    const options = { chunkRays: chunkRays.picture, onRays };
    const start = this.now();
    const { fields, ...appearance } = asked
      ? await this.answer(camera, asked, options)
      : { ...(await renderAppearance(this.engine, camera, options)), fields: [] };
    const components = request.features && (await this.features.render(camera, request.features.field, options));
    // Rays of the picture, not of the passes: two fields make a picture take twice as long.
    (asked ? this.askedRate : this.plainRate).add(camera.width * camera.height, this.now() - start);
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
      done += count;
      if (what !== '') this.emit({ kind: 'progress', id: request.id, what, done, total });
    };
  }
}

export function messageOf(error: unknown): string {
  if (error instanceof LangfieldError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
