/**
 * OpenAI CLIP's tokenizer as a tokenizer.json, from the merges file of its repository (bpe_simple_vocab_16e6.txt, also
 * open_clip's). For weights that come without a tokenizer.json: theirs are OpenAI's own archives. The original cleans
 * texts with ftfy and un-escapes HTML; the normaliser does the part of that which phrases meet: entities, curly
 * quotes, ligatures, full-width characters.
 */
import { LangfieldError } from '../../errors.ts';
import type { FileSystem } from '../../platform/platform.ts';

/** Merges CLIP uses of the file, which holds more. */
const mergeCount = 49152 - 256 - 2;
const startToken = '<|startoftext|>';
const endToken = '<|endoftext|>';
const wordEnd = '</w>';
const wordPattern = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&nbsp;': ' ', '&amp;': '&' };
const ligatures = { ﬀ: 'ff', ﬁ: 'fi', ﬂ: 'fl', ﬃ: 'ffi', ﬄ: 'ffl', ﬅ: 'st', ﬆ: 'st' };
const quotes = { '[\u2018\u2019\u201a\u201b\u02bc]': "'", '[\u201c\u201d\u201e\u201f]': '"' };

/** File names of the merges, packed as published or unpacked. */
export const mergesFiles = ['bpe_simple_vocab_16e6.txt.gz', 'bpe_simple_vocab_16e6.txt'];

/** The text of a tokenizer.json: the file itself, or made from a merges file (.txt, .txt.gz). */
export async function readTokenizer(path: string, files: FileSystem): Promise<string> {
  if (!/\.txt(\.gz)?$/.test(path)) return files.readText(path);
  const merges = path.endsWith('.gz') ? await unpack(await files.readBytes(path), path) : await files.readText(path);
  return `${JSON.stringify(clipTokenizer(merges, path))}\n`;
}

async function unpack(bytes: Uint8Array, file: string): Promise<string> {
  const packed = new Blob([new Uint8Array(bytes)]).stream();
  try {
    return await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).text();
  } catch (cause) {
    throw new LangfieldError(
      { file, problem: 'the file cannot be unpacked', expected: 'a whole gzip file', advice: 'Download it again' },
      { cause },
    );
  }
}

/** The tokenizer.json of CLIP; `merges` is the unpacked text of the file, `file` names it in errors. */
export function clipTokenizer(merges: string, file: string): object {
  const lines = merges
    .trimEnd()
    .split('\n')
    .slice(1, 1 + mergeCount);
  const wrong = lines.findIndex((line) => line.split(' ').length !== 2);
  if (lines.length < mergeCount || wrong >= 0)
    throw new LangfieldError({
      file,
      field: wrong >= 0 ? `line ${wrong + 2}` : undefined,
      problem: "this is not the merges file of CLIP's tokenizer",
      found: wrong >= 0 ? JSON.stringify(lines[wrong].slice(0, 40)) : `${lines.length} merges`,
      expected: `${mergeCount} pairs of tokens behind a first line with the version`,
      advice: 'Take bpe_simple_vocab_16e6.txt.gz of the CLIP repository, or a tokenizer.json',
    });
  const bytes = byteCharacters();
  const words = [
    ...bytes,
    ...bytes.map((character) => character + wordEnd),
    ...lines.map((line) => line.replace(' ', '')),
    startToken,
    endToken,
  ];
  const vocab = Object.fromEntries(words.map((word, id) => [word, id]));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [startToken, endToken].map((content) => ({
      ...{ id: vocab[content], content, single_word: false, lstrip: false, rstrip: false },
      ...{ normalized: false, special: true },
    })),
    normalizer: { type: 'Sequence', normalizers: cleaning() },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: wordPattern }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [endToken, vocab[endToken]],
      cls: [startToken, vocab[startToken]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: endToken,
      continuing_subword_prefix: '',
      end_of_word_suffix: wordEnd,
      fuse_unk: false,
      vocab,
      merges: lines,
    },
  };
}

function cleaning(): object[] {
  const literal = (from: string, content: string) => ({ type: 'Replace', pattern: { String: from }, content });
  const pattern = (from: string, content: string) => ({ type: 'Replace', pattern: { Regex: from }, content });
  const unescaped = Object.entries(entities).map(([from, to]) => literal(from, to));
  const fullWidth = Array.from({ length: 94 }, (_, i) =>
    literal(String.fromCharCode(0xff01 + i), String.fromCharCode(0x21 + i)),
  );
  return [
    // Twice, as the original does: "&amp;lt;" is "<".
    ...unescaped,
    ...unescaped,
    ...Object.entries(ligatures).map(([from, to]) => literal(from, to)),
    ...Object.entries(quotes).map(([from, to]) => pattern(from, to)),
    ...fullWidth,
    { type: 'NFC' },
    pattern('\\s+', ' '),
    { type: 'Strip', strip_left: true, strip_right: true },
    { type: 'Lowercase' },
  ];
}

/**
 * The printable character that stands for each byte, in the order of the vocabulary: printable bytes of Latin-1 stand
 * for themselves and come first, the others follow from U+0100 on.
 */
function byteCharacters(): string[] {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  const printable = Array.from({ length: 256 }, (_, byte) => byte).filter(isPrintable);
  const others = Array.from({ length: 256 - printable.length }, (_, i) => 256 + i);
  return [...printable, ...others].map((code) => String.fromCharCode(code));
}
