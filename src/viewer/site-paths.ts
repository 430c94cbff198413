import { regionFile } from '../regions/region-file.ts';

/** Where the files of a site are, below the folder of its manifest. */
export const sitePaths = {
  manifest: 'manifest.json',
  encoder: 'encoder',
  photo: (index: number) => `photos/${index}.jpg`,
  smallPhoto: (index: number) => `photos/${index}-small.jpg`,
  regions: (field: string, photo: number) => `regions/${regionFile(field, photo)}`,
} as const;
