/** What the savings of `--tiles` cost: the same phrase in the same view, prior and regions, with every tile and with fewer. */
import type { Prior } from '../../src/pyramid/prior.ts';
import { encodedTileCount, type TileChoice } from '../../src/pyramid/tile-choice.ts';
import { pyramidGeometry } from '../../src/pyramid/tile-geometry.ts';
import { compare, pairedValues } from './compare.ts';
import { intervalText, percent, points } from './number-texts.ts';
import type { Size } from './options.ts';
import { columnName, type FieldResult, tilesOf } from './results.ts';
import type { Section } from './section.ts';
import { bootstrapInterval, meanDifference, meanOf, relativeChange, sumOf, sumsByGroup } from './statistics.ts';
import { distinct } from './summary.ts';
import { unitName } from './work-folder.ts';

/** None where every result has the full choice of tiles. */
export function tileSections(
  results: readonly FieldResult[],
  priors: readonly Prior[],
  choices: readonly TileChoice[],
  photo: Size,
): Section[] {
  const wanted = results.filter(({ prior }) => priors.includes(prior) || prior === 'none');
  const names = distinct(wanted.map(columnName));
  const rows = choices
    .filter((choice) => choice !== 'full')
    .flatMap((choice) => names.flatMap((name) => rowOf(name, choice, wanted, photo)));
  if (rows.length === 0) return [];
  const titles = ['language field', 'tiles', 'encoded', 'units', 'D, full', 'D', 'change', '95 % of units'];
  return [
    {
      title: 'Fewer tiles',
      columns: [...titles, 'recall, difference', '95 % of units'].map((title) => ({ title })),
      rows,
      notes: [
        'The same label-view pairs with every tile and with fewer (--tiles). "encoded": share of the tiles of a photo',
        'that are encoded. D is the mean D_relevancy over all pairs; intervals by bootstrap, drawing scene-seed units.',
      ],
    },
  ];
}

function rowOf(name: string, choice: TileChoice, results: readonly FieldResult[], photo: Size): string[][] {
  const own = results.filter((result) => columnName(result) === name);
  const of = (tiles: TileChoice) => own.filter((result) => tilesOf(result) === tiles);
  const pairs = compare(of('full'), of(choice));
  if (pairs.length === 0) return [];
  const d = pairedValues(pairs, 'dRelevancy');
  const recall = pairedValues(pairs, 'recall');
  const geometry = pyramidGeometry(photo.width, photo.height);
  const share = encodedTileCount(geometry, choice) / encodedTileCount(geometry, 'full');
  return [
    [
      name,
      choice,
      `${(100 * share).toFixed(0)} %`,
      `${distinct(pairs.map(unitName)).length}`,
      meanOf(d.map(({ before }) => before)).toFixed(4),
      meanOf(d.map(({ after }) => after)).toFixed(4),
      percent(relativeChange(sumOf(d))),
      intervalText(bootstrapInterval(sumsByGroup(d, unitName), relativeChange), percent),
      points(meanDifference(sumOf(recall))),
      intervalText(bootstrapInterval(sumsByGroup(recall, unitName), meanDifference), points),
    ],
  ];
}
