/**
 * LERF-OVS labels (the JSON that LangSplat published, protocols §5.2): one file per image, `info` {name, width, height}
 * and `objects` [{category, segmentation: one polygon [[x, y], …], bbox}]. It is not labelme's format. The box may be
 * nested and its corners in any order; without one the polygon's own is taken.
 */
import { z } from 'zod';
import { LangfieldError } from '../../errors.ts';
import { type FileSystem, joinPath } from '../../platform/platform.ts';
import type { Box, LabelObject, LabelView } from './labels.ts';
import { type Polygon, polygonBox } from './polygon.ts';

const labelFile = z.object({
  info: z.object({ name: z.string().min(1), width: z.number().positive(), height: z.number().positive() }),
  objects: z.array(
    z.object({
      category: z.string().trim().min(1),
      segmentation: z.array(z.tuple([z.number(), z.number()])).min(3),
      bbox: z.union([z.array(z.number()), z.array(z.array(z.number()))]).optional(),
    }),
  ),
});

/** Reads every `*.json` of a folder; one LabelView per file, sorted by file name. */
export async function readLerfOvsLabels(files: FileSystem, folder: string): Promise<LabelView[]> {
  const names = (await files.list(folder)).filter((name) => name.toLowerCase().endsWith('.json'));
  const views: LabelView[] = [];
  for (const name of names) {
    const path = joinPath(folder, name);
    views.push(parseLerfOvs(await files.readText(path), path));
  }
  return views;
}

/** @throws LangfieldError naming the field that is wrong */
export function parseLerfOvs(text: string, file: string): LabelView {
  const { info, objects } = checkedLabelFile(text, file);
  const categories = new Map<string, LabelObject[]>();
  objects.forEach(({ category, segmentation, bbox }, index) => {
    const polygon: Polygon = segmentation;
    const box = bbox === undefined ? polygonBox(polygon) : orderedBox(bbox.flat(), file, `objects[${index}].bbox`);
    const list = categories.get(category) ?? [];
    list.push({ shape: { kind: 'polygon', polygon }, box });
    categories.set(category, list);
  });
  return { image: info.name, file, width: info.width, height: info.height, categories };
}

function checkedLabelFile(text: string, file: string): z.infer<typeof labelFile> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new LangfieldError(
      {
        file,
        problem: 'the label file is not JSON',
        found: (error as Error).message,
        advice: 'Export the labels again',
      },
      { cause: error },
    );
  }
  const result = labelFile.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new LangfieldError({
    file,
    field: issue.path.map(String).join('.'),
    problem: 'this is not a LERF-OVS label file',
    found: issue.message,
    expected: 'info {name, width, height} and objects [{category, segmentation [[x, y], …], bbox}]',
    advice: 'Correct the file, or move files that are not labels out of the folder',
  });
}

function orderedBox(numbers: number[], file: string, field: string): Box {
  if (numbers.length !== 4)
    throw new LangfieldError({
      file,
      field,
      problem: 'a box needs two corners',
      found: `${numbers.length} numbers`,
      expected: '4 numbers: x1, y1, x2, y2',
      advice: 'Correct or remove the bbox',
    });
  const [x0, y0, x1, y1] = numbers;
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}
