/** Where the files of a site are, below the folder of its manifest. */
export const sitePaths = {
  manifest: 'manifest.json',
  encoder: 'encoder',
  photo: (index: number) => `photos/${index}.jpg`,
  smallPhoto: (index: number) => `photos/${index}-small.jpg`,
} as const;
