import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFolder } from '../../../test/shared.ts';
import { nodePlatform } from '../../platform/node/index.ts';
import { createTokeniser } from '../tokenizer.ts';
import { clipTokenizer, readTokenizer } from './clip-tokenizer.ts';

const folder = `${sharedFolder}/data/clip-tokenizer`;

describe.skipIf(!hasShared)("CLIP's tokenizer from its merges", () => {
  it('gives the ids of the original for every recorded prompt, cut and padded alike', async () => {
    const tokenizer = JSON.parse(await readTokenizer(`${folder}/bpe_simple_vocab_16e6.txt.gz`, nodePlatform().files));
    const { cases } = JSON.parse(readFileSync(`${folder}/clip_tokens.json`, 'utf8')) as {
      cases: { text: string; padded77: number[] }[];
    };
    const text = { contextLength: 77, padId: 0, endId: 49407 };
    const tokenise = createTokeniser({ path: 'clip/tokenizer.json', tokenizer, tokenizerConfig: {}, ...text });
    expect(cases.length).toBe(76);
    for (const { text, padded77 } of cases) expect([...tokenise([text]).ids], text).toEqual(padded77);
  });
});

describe('a merges file', () => {
  it.each([
    ['too short', '#version: 0.2\ni n\nt h\n', /merges\.txt: .*found 2 merges/],
    ['something else', `${'hello\n'.repeat(60000)}`, /merges\.txt: line 2: .*found "hello"/],
  ])('that is %s is refused', (_, text, message) => {
    expect(() => clipTokenizer(text, 'merges.txt')).toThrow(message);
  });
});
