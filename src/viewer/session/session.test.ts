import { beforeEach, describe, expect, it } from 'vitest';
import { type AnalyticEngine, analyticEngine } from '../../../test/analytic-engine.ts';
import type { PhraseEncoder } from '../../encoders/encoder.ts';
import type { Run } from '../../field/run.ts';
import { pixelRay } from '../../math/rays.ts';
import { viewCamera } from '../../math/views.ts';
import { sweepScales } from '../../query/answer-view.ts';
import { PhraseBook } from './phrase-book.ts';
import type { Frame, FromSession, Question, ViewRequest } from './protocol.ts';
import { ViewSession } from './session.ts';

const camera = viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), 240, 160, 50);
const mug = pixelRay(camera, 40, 170).direction;
/** The phrase "mug" shows best at the twelfth scale, in one place; "unicorn" nowhere. */
const scene = {
  languages: ['panoptic', 'none'],
  depth: 2,
  relevancy: ({ direction, phrase, scale }: { direction: number[]; phrase: number[]; scale: number }) => {
    const cosine = direction.reduce((sum, value, axis) => sum + value * phrase[axis], 0);
    return 0.3 + (0.4 - Math.abs(scale - sweepScales[11])) * Math.max(0, cosine) ** 800;
  },
};

const vectors: Record<string, readonly number[]> = { mug, unicorn: mug.map((value) => -value), object: [0, 1, 0] };
let opened = 0;
const encoder: PhraseEncoder = {
  name: 'tiny',
  dim: 3,
  identity: 'abc',
  canonicalPhrases: ['object'],
  vocabulary: ['mug', 'object'],
  unknownWords: (phrase) => phrase.split(' ').filter((word) => !(word in vectors)),
  encodeTexts: async (texts) => Float32Array.from(texts.flatMap((text) => [...(vectors[text] ?? vectors['object'])])),
  close: async () => {},
};
const run = {
  folder: 'run',
  photos: [],
  parameters: new Map(),
  canonicalEmbeddings: Float32Array.of(0, 1, 0),
  config: {
    scene: { languages: [{}, {}] },
    encoder: { name: 'tiny', folder: 'encoder', identity: 'abc', dim: 3, canonicalPhrases: ['object'] },
  },
} as unknown as Run;

let engine: AnalyticEngine;
let messages: FromSession[];
let session: ViewSession;
let clock: number;
beforeEach(() => {
  engine = analyticEngine(scene);
  messages = [];
  clock = 0;
  opened = 0;
  const open = async () => {
    opened++;
    return encoder;
  };
  // Every look at the clock costs 60 ms: pictures appear to take that long, so the rate is slow and levels are many.
  const now = () => (clock += 60);
  session = new ViewSession(engine, new PhraseBook(run, open), (message) => messages.push(message), now);
});

const frames = (): Frame[] => messages.flatMap((message) => (message.kind === 'frame' ? [message.frame] : []));
const sizes = () => frames().map((frame) => [frame.camera.width, frame.final, frame.fields.length]);
const ask = (more: Partial<Question> = {}): Question => ({ phrases: [{ text: 'mug' }], fields: [0], ...more });
const request = (id: number, more: Partial<ViewRequest> = {}): ViewRequest => ({ id, camera, moving: false, ...more });
const modes = () => engine.requests.map((asked) => asked.request.query?.mode ?? 'plain');

describe('pictures', () => {
  it('goes from coarse to full size when the camera rests, and says so at the end', async () => {
    await session.show(request(1));
    const widths = frames().map((frame) => frame.appearance.width);
    expect(widths.length).toBeGreaterThan(1);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(widths.at(-1)).toBe(240);
    expect(frames().map(({ final }) => final)).toEqual([...widths.slice(1).map(() => false), true]);
    expect(
      frames().every(({ appearance, camera: { width, height } }) => appearance.depth.length === width * height),
    ).toBe(true);
  });

  it('makes one coarse picture while the camera moves', async () => {
    await session.show(request(1, { moving: true }));
    expect(frames()).toHaveLength(1);
    expect(frames()[0].camera.width).toBeLessThan(240);
    expect(frames()[0].final).toBe(false);
  });

  it('drops an older request for a newer one, but finishes the pictures of a moving camera', async () => {
    const first = session.show(request(1));
    void session.show(request(2));
    await first;
    expect(frames().filter(({ id, final }) => id === 1 && final)).toHaveLength(0);
    expect(frames().at(-1)).toMatchObject({ id: 2, final: true });
    messages.length = 0;
    const moving = session.show(request(3, { moving: true }));
    void session.show(request(4, { moving: true }));
    await moving;
    expect(frames().map(({ id }) => id)).toEqual([3, 4]);
  });

  it('makes a picture of a film in full at once, and keeps the scales along the way', async () => {
    await session.show(request(1, { still: true, question: ask() }));
    expect(sizes()).toEqual([[240, true, 1]]);
    const { scale } = frames()[0].fields[0].phrases[0];
    expect(scale).toBeCloseTo(sweepScales[11], 6);
    const elsewhere = { ...camera, cameraToWorld: Float64Array.of(1, 0, 0, 3, 0, 1, 0, 0, 0, 0, 1, 0) };
    engine.requests.length = 0;
    await session.show(request(2, { camera: elsewhere, still: true, question: ask() }));
    expect(modes()).not.toContain('sweep');
    expect(sizes()).toEqual([
      [240, true, 1],
      [240, true, 1],
    ]);
    expect(frames()[1].fields[0].phrases[0].scale).toBe(scale);
  });

  it('tells of a failure and goes on with the next request', async () => {
    const broken = { ...engine, render: () => Promise.reject(new Error('the device was lost')) };
    const failing = new ViewSession(
      broken,
      new PhraseBook(run, async () => encoder),
      (m) => messages.push(m),
      () => 0,
    );
    await failing.show(request(1));
    expect(messages).toEqual([{ kind: 'failed', id: 1, scope: 'picture', message: 'the device was lost' }]);
    await failing.show(request(2));
    expect(messages).toHaveLength(2);
  });
});

describe('features', () => {
  /** Four numbers along the ray's direction; the first field has none. */
  const dense = (): AnalyticEngine => {
    const [plain, other] = engine.config.languages;
    return {
      ...engine,
      config: { ...engine.config, languages: [plain, { ...other, dinoDim: 4 }] },
      async render(rays, asked) {
        const answer = await engine.render(rays, asked);
        if (!asked.dino) return answer;
        const dino = Float32Array.from({ length: 4 * rays.count }, (_, i) =>
          i % 4 === 3 ? 1 : (1 + (i % 4)) * rays.directions[3 * Math.floor(i / 4) + (i % 4)],
        );
        return { ...answer, dino };
      },
    };
  };
  const open = () => {
    const book = new PhraseBook(run, async () => encoder);
    return new ViewSession(
      dense(),
      book,
      (message) => messages.push(message),
      () => 0,
    );
  };
  const shown = () => frames().at(-1)!.components!;
  const dino = (field: number, anew = false) => ({ kind: 'dino', field, scale: 0.3, anew }) as const;

  it('keep their colours while the camera moves, until others are asked for', async () => {
    const live = open();
    await live.show(request(1, { features: dino(1) }));
    const first = shown();
    expect(first.length).toBe(3 * 240 * 160);
    expect(
      frames().every(({ components, camera: { width, height } }) => components?.length === 3 * width * height),
    ).toBe(true);
    // The same place of a view that is turned by some pixels has the same colour.
    const shift = 24;
    const moved = { ...camera, cx: camera.cx - shift };
    await live.show(request(2, { camera: moved, features: dino(1) }));
    const pixel = 80 * 240 + 120;
    for (let c = 0; c < 3; c++) expect(shown()[3 * (pixel - shift) + c]).toBeCloseTo(first[3 * pixel + c], 4);
    const kept = shown();
    await live.show(request(3, { camera: moved, features: dino(1, true) }));
    expect(shown()).not.toEqual(kept);
  });

  it('come with phrases and without, and not from a field that has none', async () => {
    const live = open();
    await live.show(request(1, { question: ask(), features: dino(1) }));
    expect(frames().at(-1)!.fields).toHaveLength(1);
    expect(shown().length).toBe(3 * 240 * 160);
    await live.show(request(2, { features: dino(0) }));
    expect(frames().at(-1)!.components).toBeUndefined();
  });
});

describe('another engine', () => {
  it('takes over between two pictures, and is asked what the other was asked', async () => {
    const other = analyticEngine(scene);
    let calls = 0;
    let adopted: Promise<void> | undefined;
    const first = {
      ...engine,
      render: (...given: Parameters<typeof engine.render>) => {
        if (++calls === 3) adopted = session.useEngine(other);
        return engine.render(...given);
      },
    };
    session = new ViewSession(
      first,
      new PhraseBook(run, async () => encoder),
      (m) => messages.push(m),
      () => (clock += 60),
    );
    await session.show(request(1));
    await adopted;
    expect(calls).toBe(3);
    expect(other.requests.length).toBeGreaterThan(0);
    expect(frames().at(-1)).toMatchObject({ id: 1, final: true });
    expect(frames().filter(({ final }) => final)).toHaveLength(1);
    await session.useEngine(engine);
    const before = other.requests.length;
    await session.show(request(2));
    expect(other.requests).toHaveLength(before);
    expect(frames().at(-1)).toMatchObject({ id: 2, final: true });
  });

  it('takes the place of one that fails: no failure is seen, camera and phrases stay', async () => {
    const other = analyticEngine(scene);
    const told: unknown[] = [];
    const broken = { ...engine, render: () => Promise.reject(new Error('the device was lost')) };
    const live = new ViewSession(
      broken,
      new PhraseBook(run, async () => encoder),
      (m) => messages.push(m),
      () => (clock += 60),
      (failed) => {
        told.push(failed);
        setTimeout(() => void live.useEngine(other), 1);
        return true;
      },
    );
    await live.show(request(1, { question: ask() }));
    expect(told).toEqual([broken]);
    expect(messages.some(({ kind }) => kind === 'failed')).toBe(false);
    expect(frames().at(-1)).toMatchObject({ id: 1, final: true, camera });
    expect(frames().at(-1)!.fields[0].phrases[0].found).toBe(true);
  });

  it('is there after new parameters that the failed one did not take', async () => {
    const other = analyticEngine(scene);
    const broken = { ...engine, writeParameters: () => Promise.reject(new Error('the device was lost')) };
    const live = new ViewSession(
      broken,
      new PhraseBook(run, async () => encoder),
      (m) => messages.push(m),
      () => (clock += 60),
      () => {
        setTimeout(() => void live.useEngine(other), 1);
        return true;
      },
    );
    await live.refresh(new Map());
    expect(messages).toEqual([{ kind: 'refreshed' }]);
    await live.show(request(1));
    expect(other.requests.length).toBeGreaterThan(0);
  });
});

describe('a scene that is trained further', () => {
  it('stops what it does, takes the parameters, and chooses scales anew', async () => {
    const parameters = new Map([['radiance.grid', Float32Array.of(1)]]);
    const written: unknown[] = [];
    const learning = { ...engine, writeParameters: async (given: unknown) => void written.push(given) };
    const book = new PhraseBook(run, async () => encoder);
    const live = new ViewSession(
      learning,
      book,
      (message) => messages.push(message),
      () => 0,
    );
    await live.show(request(1, { question: ask() }));
    const unfinished = live.show(request(2));
    await live.refresh(parameters);
    await unfinished;
    expect(written).toEqual([parameters]);
    expect(messages.at(-1)).toEqual({ kind: 'refreshed' });
    expect(frames().some(({ id, final }) => id === 2 && final)).toBe(false);
    engine.requests.length = 0;
    await live.show(request(3, { question: ask() }));
    expect(modes()).toContain('sweep');
  });
});

describe('phrases', () => {
  it('shows the picture first, then chooses the scale, then sharpens with the answer', async () => {
    await session.show(request(1, { question: ask() }));
    expect(sizes()[0][2]).toBe(0);
    expect(sizes().at(-1)).toEqual([240, true, 1]);
    const [{ field, phrases }] = frames().at(-1)!.fields;
    expect(field).toBe('panoptic');
    const [{ scale, found, peak, curve, relevancy }] = phrases;
    expect(scale).toBe(sweepScales[11]);
    expect(found).toBe(true);
    expect([peak.row, peak.col]).toEqual([40, 170]);
    expect(relevancy).toHaveLength(240 * 160);
    expect(curve).toHaveLength(30);
    const first = modes().indexOf('sweep');
    expect(modes().slice(0, first)).toEqual(new Array(first).fill('plain'));
    const swept = engine.requests.filter((asked) => asked.request.query?.mode === 'sweep');
    expect(swept.reduce((sum, { rays }) => sum + rays, 0)).toBe(96 * 64);
    expect(messages.some((m) => m.kind === 'progress' && m.what === 'choosing the scale')).toBe(true);
  });

  it('keeps the scale while moving and chooses anew where the camera rests', async () => {
    await session.show(request(1, { question: ask() }));
    engine.requests.length = 0;
    const elsewhere = viewCamera(Float64Array.of(1, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 0), 240, 160, 50);
    await session.show(request(2, { question: ask(), camera: elsewhere, moving: true }));
    expect(new Set(modes())).toEqual(new Set(['kept']));
    await session.show(request(3, { question: ask(), camera: elsewhere }));
    expect(modes()).toContain('sweep');
    engine.requests.length = 0;
    await session.show(request(4, { question: ask(), camera: elsewhere }));
    expect(new Set(modes())).toEqual(new Set(['kept']));
  });

  it('does not search for a scale that the visitor has fixed', async () => {
    await session.show(request(1, { question: ask({ phrases: [{ text: 'mug', scale: 0.25 }] }) }));
    expect(new Set(modes())).toEqual(new Set(['kept']));
    expect(frames().at(-1)!.fields[0].phrases[0].scale).toBeCloseTo(0.25, 6);
  });

  it('answers in two fields at once and against other canonical phrases', async () => {
    await session.show(request(1, { question: ask({ fields: [0, 1], negatives: ['object', 'mug'] }) }));
    expect(
      frames()
        .at(-1)!
        .fields.map(({ field }) => field),
    ).toEqual(['panoptic', 'none']);
    const asked = engine.requests.find(({ request: { query } }) => query)!;
    expect(asked.request.query!.negatives).toHaveLength(6);
  });

  it('says what the encoder does not know, opens it once, and says plainly that nothing was found', async () => {
    const phrases = [{ text: 'unicorn' }, { text: 'red mugg' }];
    await session.show(request(1, { question: ask({ phrases }) }));
    await session.show(request(2, { question: ask() }));
    expect(opened).toBe(1);
    expect(messages.find(({ kind }) => kind === 'words')).toMatchObject({
      unknown: [{ phrase: 'red mugg', words: ['red', 'mugg'], nearest: ['mug'] }],
      meaningless: ['red mugg'],
    });
    const [unicorn] = frames().filter(({ id, final }) => id === 1 && final)[0].fields[0].phrases;
    expect(unicorn.found).toBe(false);
  });

  it('shows the picture without phrases when the encoder cannot be opened, and tries again', async () => {
    let tries = 0;
    const book = new PhraseBook(run, async () => {
      tries++;
      throw new Error('no network');
    });
    const without = new ViewSession(
      engine,
      book,
      (message) => messages.push(message),
      () => 0,
    );
    await without.show(request(1, { question: ask() }));
    expect(messages[0]).toEqual({ kind: 'failed', id: 1, scope: 'question', message: 'no network' });
    expect(frames().at(-1)).toMatchObject({ final: true, fields: [] });
    await without.show(request(2, { question: ask(), moving: true }));
    expect(tries).toBe(1);
    await without.show(request(3, { question: ask() }));
    expect(tries).toBe(2);
  });
});
