import { describe, expect, it } from 'vitest';
import { distinctSlugs, parsePhrases, slugOf } from './phrases.ts';

describe('parsePhrases', () => {
  it('splits on semicolons, trims, drops empties and repetitions', () => {
    const { phrases, notes } = parsePhrases(' red fox ; picture   frame;; red fox;');
    expect(phrases).toEqual(['red fox', 'picture frame']);
    expect(notes).toEqual(['"red fox" is asked twice; it is answered once']);
  });

  it('keeps capitals and commas: they are part of the phrase', () => {
    expect(parsePhrases('A cup, red;a cup, red').phrases).toEqual(['A cup, red', 'a cup, red']);
  });

  it('refuses a query without phrases', () => {
    expect(() => parsePhrases(' ; ')).toThrow(/no phrase to look for/);
  });

  it('refuses more phrases than an engine takes at once', () => {
    const many = Array.from({ length: 201 }, (_, i) => `phrase ${i}`).join(';');
    expect(() => parsePhrases(many)).toThrow(/found 201; expected at most 200/);
  });
});

describe('slugs', () => {
  it('are safe folder names', () => {
    expect(slugOf('Red  Fox!')).toBe('red-fox');
    expect(slugOf('../../etc/passwd')).toBe('etc-passwd');
    expect(slugOf('grüner Apfel')).toBe('grüner-apfel');
    expect(slugOf('???')).toBe('unnamed');
    expect(slugOf('x'.repeat(500))).toHaveLength(60);
  });

  it('differ for different texts', () => {
    expect(distinctSlugs(['red fox', 'Red Fox', 'red-fox', 'cup'])).toEqual([
      'red-fox',
      'red-fox-2',
      'red-fox-3',
      'cup',
    ]);
    expect(distinctSlugs(['a', 'A', 'a-2'])).toEqual(['a', 'a-2', 'a-2-2']);
  });
});
