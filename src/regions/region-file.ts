/** Where a run keeps the region maps that a language field was trained with, of the photo at this position in cameras.json. */
export const regionFile = (field: string, photo: number): string => `${field}/${photo}.png`;
