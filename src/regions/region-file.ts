/**
 * Where a run keeps the region maps that a language field was trained with, of the photo at this position in cameras.json.
 * Without the "+" of priors' names: in the address of a static site some hosts read it as a space.
 */
export const regionFile = (field: string, photo: number): string => `${field.replaceAll('+', '-')}/${photo}.png`;
