/**
 * `manifest.json` of a scene for the page: which files there are, whether phrases can be asked, which photos can be
 * shown. The server and the static export write it, the page reads it; both sides of the web see only this.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';

export const manifestVersion = 1;

/** Of the regions behind one language field. */
const fieldRegionsSchema = z.object({
  /** Positions in cameras.json of the photos whose maps are at regions/<field>/<position>.png. */
  photos: z.array(z.int().nonnegative()),
  window: z.enum(['two-sided', 'partition']),
  cells: z.enum(['all', 'one-cell']),
  minRegionSide: z.number(),
});

export type FieldRegions = z.infer<typeof fieldRegionsSchema>;

const manifestSchema = z.object({
  formatVersion: z.literal(manifestVersion),
  /** Name of the run. */
  name: z.string(),
  /** Changes whenever the scene is saved; absent where it cannot change. */
  revision: z.string().optional(),
  /** The scene is being trained by the process that serves it: the page shows that and can steer it. */
  training: z.boolean().optional(),
  /** There is nothing to look at yet; ask again later. */
  waiting: z.boolean().optional(),
  /** Files of the run and of its encoder's text side, by their paths below the manifest. */
  files: z.array(z.object({ path: z.string(), size: z.int().nonnegative() })),
  /** Absent when the scene cannot be asked. */
  encoder: z
    .object({
      name: z.string(),
      identity: z.string(),
      /** Of an encoder that knows these words only. */
      vocabulary: z.array(z.string()).optional(),
    })
    .optional(),
  /** Why it cannot be asked, for people. */
  cannotAsk: z.string().optional(),
  /** Per photo of cameras.json: whether photos/<index>.jpg and photos/<index>-small.jpg are there. */
  photos: z.array(z.boolean()),
  /** By language field; absent where no field has a prior with regions. */
  regions: z.record(z.string(), fieldRegionsSchema).optional(),
});

export type ViewerManifest = z.infer<typeof manifestSchema>;

/** @throws LangfieldError when the file is not a manifest of this version */
export function parseManifest(text: string, file: string): ViewerManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new LangfieldError({ problem: 'this is not JSON', file, advice: 'Serve or export the run again' }, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LangfieldError({
    problem: issue.message,
    file,
    field: issue.path.join('.'),
    expected: `a manifest of version ${manifestVersion}`,
    advice: 'The page and the scene are of different versions of langfield; serve or export the run again',
  });
}
