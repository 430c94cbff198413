import { expect, it } from 'vitest';
import { textTable } from './text-table.ts';

const columns = [{ title: 'phrase' }, { title: 'D', decimals: 2 }];

it('aligns words left and numbers right, and prints what is undefined as a dash', () => {
  expect(
    textTable(columns, [
      ['red fox', 0.126],
      ['a|b', Number.NaN],
      [undefined, Infinity],
    ]),
  ).toEqual(['phrase      D', '───────  ────', 'red fox  0.13', 'a|b         –', '–           ∞']);
});

it('writes Markdown', () => {
  expect(textTable(columns, [['a|b', 1]], 'markdown')).toEqual([
    '| phrase |    D |',
    '| ------ | ---: |',
    '| a\\|b   | 1.00 |',
  ]);
});
