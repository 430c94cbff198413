import { describe, expect, it } from 'vitest';
import { describeUnknownWords, nearestWords, unknownWordsOf } from './known-words.ts';

const vocabulary = ['teapot', 'mug', 'mug handle', 'teddy bear', 'red', 'plate'];
const encoder = {
  vocabulary,
  unknownWords: (phrase: string) => phrase.split(' ').filter((word) => !vocabulary.join(' ').split(' ').includes(word)),
};

describe('unknown words', () => {
  it('are named with known words that are spelled alike', () => {
    expect(nearestWords(['teapots'], vocabulary)[0]).toBe('teapot');
    expect(nearestWords(['shiny', 'mugg'], vocabulary).slice(0, 2)).toEqual(['mug', 'mug handle']);
    expect(nearestWords(['zebra'], vocabulary)).toEqual([]);
    expect(unknownWordsOf(encoder, ['red mug', 'shiny teapots'])).toEqual([
      { phrase: 'shiny teapots', words: ['shiny', 'teapots'], nearest: expect.arrayContaining(['teapot']) },
    ]);
  });

  it('make one line', () => {
    expect(describeUnknownWords({ phrase: 'red mugg', words: ['mugg'], nearest: ['mug'] })).toBe(
      'the encoder does not know "mugg" in "red mugg" and answers without; it knows "mug"',
    );
    expect(describeUnknownWords({ phrase: 'zebra', words: ['zebra'], nearest: [] })).toMatch(/answers without$/);
  });

  it('do not exist for an open vocabulary', () => {
    expect(unknownWordsOf({}, ['anything at all'])).toEqual([]);
  });
});
