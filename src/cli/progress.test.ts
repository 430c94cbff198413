import { describe, expect, it } from 'vitest';
import { createProgress, formatDuration, type ProgressStream } from './progress.ts';

function recorder(isTTY: boolean): ProgressStream & { text: string } {
  return {
    text: '',
    isTTY,
    columns: 100,
    write(text: string) {
      this.text += text;
    },
  };
}

describe('formatDuration', () => {
  it('uses the two largest units', () => {
    expect([0, 12.4, 59.6, 185, 3720].map(formatDuration)).toEqual([
      '0 s',
      '12 s',
      '1 min 00 s',
      '3 min 05 s',
      '1 h 02 min',
    ]);
  });
});

describe('progress in a pipe', () => {
  it('prints a line at every twentieth, but never closer than two seconds', () => {
    let now = 0;
    const stream = recorder(false);
    const progress = createProgress(stream, () => now);
    progress.start('training', 1000);
    for (let step = 1; step <= 1000; step++) {
      now += 10;
      progress.update(step, `loss ${step}`);
    }
    progress.finish('22.1 dB');
    const lines = stream.text.trimEnd().split('\n');
    expect(lines[0]).toBe('training (1000)');
    expect(lines[1]).toBe('training: 200/1000, about 8 s left, loss 200');
    expect(lines.at(-1)).toBe('training: took 10 s, 22.1 dB');
    expect(lines).toHaveLength(6);
  });

  it('estimates from where a resumed stage started', () => {
    let now = 0;
    const stream = recorder(false);
    const progress = createProgress(stream, () => now);
    progress.start('training', 1000);
    progress.update(900);
    now += 16_000;
    progress.update(950);
    expect(stream.text).toContain('training: 950/1000, about 16 s left');
  });

  it('marks warnings', () => {
    const stream = recorder(false);
    createProgress(stream).warn('two photos are missing');
    expect(stream.text).toBe('warning: two photos are missing\n');
  });
});

describe('progress on a terminal', () => {
  it('draws a bar and keeps logged lines whole', () => {
    let now = 0;
    const stream = recorder(true);
    const progress = createProgress(stream, () => now);
    progress.start('encoding', 10);
    now += 1000;
    progress.update(5);
    progress.log('a line');
    progress.abandon();
    progress.finish();
    expect(stream.text).toContain('encoding [            ');
    expect(stream.text).toContain('a line\n');
    expect(stream.text).not.toContain('took');
  });
});
