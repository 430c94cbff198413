/** The JSON beside COCO panoptic PNGs: which segment ids of each PNG are real. Categories are not used here. */
import * as z from 'zod';
import { LangfieldError } from '../errors.ts';
import type { ListedSegments } from './read-png-map.ts';

const schema = z.object({
  annotations: z.array(
    z.object({
      file_name: z.string(),
      segments_info: z.array(z.object({ id: z.number().int().nonnegative() })),
    }),
  ),
});

/** Listed ids by the base name of the PNG; undefined when the JSON is valid but not of this kind. */
export function parsePanopticJson(text: string, what: string): Map<string, ListedSegments> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new LangfieldError(
      {
        problem: 'this is not valid JSON',
        file: what,
        found: (error as Error).message,
        expected: 'the segment list of COCO panoptic maps',
        advice: 'Write it again, or move it out of the folder of region maps',
      },
      { cause: error },
    );
  }
  const annotations = (json as { annotations?: unknown } | null)?.annotations;
  if (!Array.isArray(annotations) || !annotations.some((entry) => entry?.segments_info !== undefined)) return undefined;
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new LangfieldError({
      problem: `the segment list cannot be read: ${issue.message}`,
      file: what,
      field: issue.path.join('.'),
      advice: 'Compare it with the COCO panoptic format (annotations[].segments_info[].id)',
    });
  }
  return new Map(
    parsed.data.annotations.map((entry) => [
      entry.file_name.slice(entry.file_name.lastIndexOf('/') + 1),
      new Set(entry.segments_info.map((segment) => segment.id)),
    ]),
  );
}
