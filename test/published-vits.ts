/** The recorded tiny ViTs as their projects publish them: what a hub would hold of a model of the catalogue. */
import { readFileSync } from 'node:fs';
import type { CatalogueModel } from '../src/model-store/catalogue.ts';
import { readRecordedVit, vitFolder } from './recorded-vits.ts';

/** A tokenizer.json whose words w0, w1, … are ids; a text is start, words, end, the last two ids. */
function wordTokenizer(vocabulary: number): string {
  const [start, end] = [vocabulary - 2, vocabulary - 1];
  const flags = { special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
  const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      { id: start, content: '<start>', ...flags },
      { id: end, content: '<end>', ...flags },
    ],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('<start>'), { Sequence: { id: 'A', type_id: 0 } }, special('<end>')],
      pair: [],
      special_tokens: {
        '<start>': { id: '<start>', ids: [start], tokens: ['<start>'] },
        '<end>': { id: '<end>', ids: [end], tokens: ['<end>'] },
      },
    },
    decoder: null,
    model: {
      type: 'WordLevel',
      continuing_subword_prefix: '##',
      vocab: Object.fromEntries(Array.from({ length: start }, (_, id) => [`w${id}`, id])),
      unk_token: 'w1',
    },
  });
}

const recordedAs = { openclip: 'clip-openclip-base', 'huggingface-clip': 'clip-hf-quickgelu', dino: 'dino' } as const;

/** The recording that stands in for the models of a layout. */
export const recordedFor = ({ layout }: CatalogueModel) => readRecordedVit(recordedAs[layout]);

/** File name → content, with the tiny weights of the model's own layout. */
export function publishedFiles(model: CatalogueModel): Map<string, Uint8Array> {
  const recorded = recordedFor(model);
  const config = model.layout === 'openclip' ? { model_cfg: recorded.config } : recorded.config;
  const configName = model.layout === 'openclip' ? 'open_clip_config.json' : 'config.json';
  const files = new Map<string, Uint8Array>([
    [model.files[0].name, readFileSync(`${vitFolder}/${recorded.weights}`)],
    [configName, Buffer.from(JSON.stringify(config))],
  ]);
  const vocabulary = model.layout === 'openclip' ? 64 : 80;
  if (model.role === 'encoder') files.set('tokenizer.json', Buffer.from(wordTokenizer(vocabulary)));
  return files;
}

/** Paths of a hub → content. */
export function publishedPaths(model: CatalogueModel): [string, Uint8Array][] {
  const { repository, revision } = model;
  return [...publishedFiles(model)].map(([name, bytes]) => [`/${repository}/resolve/${revision}/${name}`, bytes]);
}
