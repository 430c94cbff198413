/**
 * The published models that the importer can make an encoder of: data, one declaration per model. A layout is only
 * here when a test of encoders/vit loads it. Sizes and hashes are facts about the published files; one that is not
 * known for certain is left out ("not pinned"), and then the hub's own announcement and the hash of the first download
 * stand in for it (manifest.ts).
 */
import { LangfieldError } from '../errors.ts';

export interface ModelFile {
  /** Name in the repository, and in the store. */
  name: string;
  /** Other names that the same file has had in its repository, tried in turn when the first is not there. */
  otherNames?: readonly string[];
  /** Exact length in bytes, where known. */
  bytes?: number;
  /** Lower-case hex, where known. */
  sha256?: string;
  /** The import does without it. */
  optional?: boolean;
}

export interface CatalogueModel {
  name: string;
  /** One line for people. */
  what: string;
  /** encoder: both towers of a CLIP. dense: features per patch of a whole photo, which goes with an encoder. */
  role: 'encoder' | 'dense';
  /** Whose tensor names the weights have; import-encoder.test.ts and parity.test.ts load each. */
  layout: 'openclip' | 'huggingface-clip' | 'dino';
  /** "owner/name" on the hub. */
  repository: string;
  /** Branch or commit; a commit where the files are pinned. */
  revision: string;
  /** Weights first. */
  files: readonly [ModelFile, ...ModelFile[]];
  /** Parameters × 4 bytes: for the announcement before a download, never for a check. */
  approximateBytes: number;
  licence: string;
  /** Name of the DINO that gives this encoder its dense features unless the user says otherwise. */
  dense?: string;
}

const tokenizerFiles: readonly ModelFile[] = [
  { name: 'tokenizer.json' },
  { name: 'tokenizer_config.json', optional: true },
];

export const catalogue: readonly CatalogueModel[] = [
  {
    name: 'ViT-B-16-laion2b_s34b_b88k',
    what: 'OpenCLIP ViT-B/16 trained on LAION-2B: the CLIP of the papers',
    role: 'encoder',
    layout: 'openclip',
    repository: 'laion/CLIP-ViT-B-16-laion2B-s34B-b88K',
    revision: 'main',
    files: [
      { name: 'open_clip_model.safetensors', otherNames: ['open_clip_pytorch_model.safetensors'] },
      { name: 'open_clip_config.json' },
      ...tokenizerFiles,
    ],
    approximateBytes: 598_482_948,
    licence: 'MIT',
    dense: 'dino-vits8',
  },
  {
    name: 'ViT-L-14-laion2b_s32b_b82k',
    what: 'OpenCLIP ViT-L/14 trained on LAION-2B: better and four to five times slower',
    role: 'encoder',
    layout: 'openclip',
    repository: 'laion/CLIP-ViT-L-14-laion2B-s32B-b82K',
    revision: 'main',
    files: [
      { name: 'open_clip_model.safetensors', otherNames: ['open_clip_pytorch_model.safetensors'] },
      { name: 'open_clip_config.json' },
      ...tokenizerFiles,
    ],
    approximateBytes: 1_710_466_052,
    licence: 'MIT',
    dense: 'dino-vits8',
  },
  {
    name: 'clip-vit-base-patch16',
    what: 'OpenAI CLIP ViT-B/16',
    role: 'encoder',
    layout: 'huggingface-clip',
    repository: 'openai/clip-vit-base-patch16',
    revision: 'main',
    files: [{ name: 'model.safetensors' }, { name: 'config.json' }, ...tokenizerFiles],
    approximateBytes: 598_482_948,
    licence: 'not stated by the repository; the code of CLIP is MIT',
    dense: 'dino-vits8',
  },
  {
    name: 'clip-vit-base-patch32',
    what: 'OpenAI CLIP ViT-B/32: coarser and four times faster',
    role: 'encoder',
    layout: 'huggingface-clip',
    repository: 'openai/clip-vit-base-patch32',
    revision: 'main',
    files: [{ name: 'model.safetensors' }, { name: 'config.json' }, ...tokenizerFiles],
    approximateBytes: 605_109_252,
    licence: 'not stated by the repository; the code of CLIP is MIT',
    dense: 'dino-vits8',
  },
  {
    name: 'dino-vits8',
    what: 'DINO ViT-S/8: dense features for any of the encoders',
    role: 'dense',
    layout: 'dino',
    // The original weights under the original tensor names; facebook/dino-vits8 is only known to have a .bin.
    repository: 'timm/vit_small_patch8_224.dino',
    revision: 'main',
    files: [{ name: 'model.safetensors' }, { name: 'config.json', optional: true }],
    approximateBytes: 86_681_088,
    licence: 'Apache-2.0',
  },
];

/** The model of this name, letters' case aside; undefined when there is none. */
export function findModel(name: string, models: readonly CatalogueModel[] = catalogue): CatalogueModel | undefined {
  return models.find((model) => model.name.toLowerCase() === name.toLowerCase());
}

/** The model of this name, or an error that lists those there are. */
export function requireModel(name: string, models: readonly CatalogueModel[] = catalogue): CatalogueModel {
  const model = findModel(name, models);
  if (model) return model;
  throw new LangfieldError({
    field: name,
    problem: 'there is no such model in the catalogue',
    expected: models.map((each) => each.name).join(', '),
    advice: 'Choose one of these, or use "langfield models add" for the files of another CLIP',
  });
}

/** True when every file that must be there has a known hash. */
export function isPinned(model: CatalogueModel): boolean {
  return model.files.every(({ sha256, optional }) => optional || sha256 !== undefined);
}
