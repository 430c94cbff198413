/** The report of `bench prior` as tables: the paper's Table 2 and Table 1 for our scenes, things and parts, harms. */
import type { TableColumn, TableValue } from '../../src/formats/text-table.ts';
import type { Metric, PhraseChange } from './compare.ts';
import { findingsTables } from './findings.ts';
import { intervalText, percent, points, scaled, spreadPercent, spreadText } from './number-texts.ts';
import type { RegionSource } from './options.ts';
import type { FieldResult, PhotoResult } from './results.ts';
import type { Section } from './section.ts';
import { groupBy, meanOf, spreadOf } from './statistics.ts';
import { type ColumnSummary, distinct, type KindScores, type Score } from './summary.ts';

const regionTitles: Record<RegionSource, string> = {
  builtin: 'regions of the built-in segmenter',
  exact: 'exact regions',
};
const everything = 'all scenes';
const mostPhrases = 10;

const decimals: Record<Metric, number> = { dRelevancy: 4, ratioAcc: 3, recall: 1, localisation: 1, peakInside: 1 };
const isShare = (metric: Metric) => metric === 'recall' || metric === 'localisation' || metric === 'peakInside';

export function reportSections(
  summaries: readonly ColumnSummary[],
  results: readonly FieldResult[],
  photos: readonly PhotoResult[],
): Section[] {
  const sources = distinct(summaries.flatMap(({ regions }) => (regions === null ? [] : [regions])));
  const ofSource = (source: RegionSource) => summaries.filter(({ regions }) => regions === null || regions === source);
  const table = (title: string, metric: Metric, notes: string[]) =>
    sources.map((source) => scoreTable(`${title}, ${regionTitles[source]}`, metric, ofSource(source), notes));
  return [
    summaryTable(summaries),
    ...findingsTables(summaries, sources),
    ...sources.map((source) => dTable(source, ofSource(source), results)),
    ...table('Table 1: query recall, %', 'recall', ['In brackets: difference to LERF, percentage points.']),
    ...table('Localisation, % (the highest pixel lies in a box of the phrase)', 'localisation', []),
    ...table('The highest pixel lies in the mask, %', 'peakInside', []),
    ...table('Ratio_acc', 'ratioAcc', ['Mean relevancy inside over outside; higher is better.']),
    kindTable('Things', 'thing', summaries),
    kindTable('Parts', 'part', summaries),
    ...summaries
      .filter(({ prior }) => prior !== 'none' && prior !== 'single-scale' && prior !== 'full')
      .map((summary) => harmTable(summary)),
    photoTable(photos),
  ];
}

function summaryTable(summaries: readonly ColumnSummary[]): Section {
  const titles = ['language field', 'units', 'D_relevancy', 'change', '95 % of pairs', '95 % of units', 'per seed'];
  const shares = ['pairs better', 'recall %', 'difference', '95 % of units', 'localised %', 'in mask %', 'Ratio_acc'];
  const rows = summaries.map(({ name, units, all, changes, better, prior }) => {
    const { dRelevancy: d, recall } = changes;
    const changed = (text: string) => (prior === 'none' ? '' : text);
    return [
      name,
      `${units}`,
      spreadText(all.dRelevancy, 4),
      changed(percent(d.scenes)),
      changed(intervalText(d.pairInterval, percent)),
      changed(intervalText(d.unitInterval, percent)),
      changed(spreadPercent(all.dRelevancy.changePerSeed)),
      changed(`${(100 * better).toFixed(0)} %`),
      spreadText(scaled(all.recall, 100), 1),
      changed(points(recall.scenes)),
      changed(intervalText(recall.unitInterval, points)),
      spreadText(scaled(all.localisation, 100), 1),
      spreadText(scaled(all.peakInside, 100), 1),
      spreadText(all.ratioAcc, 3),
    ];
  });
  return {
    title: 'Summary',
    columns: [...titles, ...shares].map((title) => ({ title })),
    rows,
    notes: [
      'Means over label-view pairs, then scenes, then seeds, ± the standard deviation over seeds. Changes compare the',
      'same pairs with LERF (none): of the means over scenes, as in the paper (its change is −9.2 %); 95 % intervals by',
      'bootstrap, of all pairs together, drawing pairs, or drawing scene-seed units, which is the honest one.',
    ],
  };
}

/** Scores per scene; the change to LERF in brackets. */
function scoreTable(title: string, metric: Metric, summaries: readonly ColumnSummary[], notes: string[]): Section {
  const scenes = Object.keys(summaries[0]?.scenes ?? {});
  const row = (scene: string) =>
    summaries.map(({ scenes: own, all, prior }) => {
      const score = scene === everything ? all[metric] : own[scene]?.[metric];
      return score === undefined ? undefined : scoreText(score, metric, prior !== 'none');
    });
  return {
    title,
    columns: ['scene', ...summaries.map(({ prior }) => prior)].map((name) => ({ title: name })),
    rows: [...scenes, everything].map((scene) => [scene, ...row(scene)]),
    notes,
  };
}

function dTable(source: RegionSource, summaries: readonly ColumnSummary[], results: readonly FieldResult[]): Section {
  const table = scoreTable(`Table 2: mean D_relevancy, ${regionTitles[source]}`, 'dRelevancy', summaries, [
    'Lower is better. ± is the standard deviation over seeds, in brackets the paired change against LERF (none). A map',
    'of zeros has a D_relevancy of the share of the picture that the phrase covers.',
  ]);
  const zeros = (scene: string) => {
    const own = results.filter((result) => result.prior === 'none' && [everything, result.scene].includes(scene));
    const perScene = groupBy(own, (result) => result.scene);
    const means = perScene.map((group) => meanOf(group.flatMap(({ pairs }) => pairs.map(({ area }) => area))));
    return meanOf(means).toFixed(4);
  };
  const trivial = (row: TableValue[]) => [row[0], zeros(String(row[0])), '0.2500', ...row.slice(1)];
  const [scene, ...fields] = table.columns;
  return {
    ...table,
    columns: [scene, { title: 'all 0' }, { title: 'all 0.5' }, ...fields],
    rows: table.rows.map(trivial),
  };
}

function kindTable(title: string, kind: 'thing' | 'part', summaries: readonly ColumnSummary[]): Section {
  const common = ['language field', 'pairs', 'D_relevancy', 'change', '95 % of units', 'recall %', 'difference'];
  const others = [
    '95 % of units',
    'localised %',
    'in mask %',
    'found %',
    'of these localised %',
    'recall %',
    'R inside',
  ];
  const last = kind === 'part' ? ['R on the rest of its owner', 'R elsewhere'] : ['R elsewhere'];
  const relevancy = ({ inside, ownerRest, elsewhere }: KindScores) =>
    (kind === 'part' ? [inside, ownerRest, elsewhere] : [inside, elsewhere]).map((value) => value.toFixed(3));
  const rows = summaries.flatMap(({ name, kinds, prior }) => {
    const own = kinds[kind];
    if (own === undefined) return [];
    const { scores, changes } = own;
    const changed = (text: string) => (prior === 'none' ? '' : text);
    return [
      [
        name,
        `${own.pairs}`,
        scores.dRelevancy.toFixed(4),
        changed(percent(changes.dRelevancy.pairs)),
        changed(intervalText(changes.dRelevancy.unitInterval, percent)),
        (100 * scores.recall).toFixed(1),
        changed(points(changes.recall.pairs)),
        changed(intervalText(changes.recall.unitInterval, points)),
        (100 * scores.localisation).toFixed(1),
        (100 * scores.peakInside).toFixed(1),
        ...[own.found.share, own.found.localisation, own.found.recall].map((share) => (100 * share).toFixed(1)),
        ...relevancy(own),
      ],
    ];
  });
  const found = 'Found: the highest relevancy exceeds 0.5; otherwise the answer is "not found". R: mean relevancy.';
  const note = 'A field that lights up the whole thing for its part has a high R on the rest of the owner.';
  return {
    title,
    columns: [...common, ...others, ...last].map((name) => ({ title: name })),
    rows,
    notes: kind === 'part' ? [found, note] : [found],
  };
}

function harmTable({ name, phrases }: ColumnSummary): Section {
  const harmed = phrases.filter(({ before, after }) => after > before);
  const columns: TableColumn[] = [
    { title: 'scene' },
    { title: 'phrase' },
    { title: 'kind' },
    { title: 'pairs' },
    { title: 'D, LERF', decimals: 4 },
    { title: 'D, ours', decimals: 4 },
    { title: 'change' },
    { title: 'area', decimals: 4 },
    { title: 'scale, LERF', decimals: 2 },
    { title: 'scale, ours', decimals: 2 },
  ];
  const row = (each: PhraseChange): TableValue[] => [
    each.scene,
    each.phrase,
    each.kind,
    `${each.pairs}`,
    each.before,
    each.after,
    percent(each.after / each.before - 1),
    each.area,
    each.scaleBefore,
    each.scaleAfter,
  ];
  return {
    title: `Where the prior hurts: ${name}`,
    columns,
    rows: harmed.slice(0, mostPhrases).map(row),
    notes: [
      `${harmed.length} of ${phrases.length} phrases have a higher D_relevancy than with LERF; area: share of the picture.`,
    ],
  };
}

function photoTable(photos: readonly PhotoResult[]): Section {
  const seeds = distinct(photos.map(({ seed }) => seed)).sort((a, b) => a - b);
  const groups = groupBy(photos, ({ scene }) => scene);
  const rows = groups.map((own) => [
    own[0].scene,
    ...seeds.map((seed) => own.find((photo) => photo.seed === seed)?.psnr),
    spreadText(spreadOf(own.map(({ psnr }) => psnr)), 2),
    spreadText(spreadOf(own.map(({ ssim }) => ssim)), 3),
  ]);
  return {
    title: 'Radiance fields: PSNR of the novel views, dB',
    columns: [
      { title: 'scene' },
      ...seeds.map((seed) => ({ title: `seed ${seed}`, decimals: 2 })),
      { title: 'mean' },
      { title: 'SSIM' },
    ],
    rows,
    notes: [],
  };
}

function scoreText(score: Score, metric: Metric, compared: boolean): string {
  const text = spreadText(isShare(metric) ? scaled(score, 100) : score, decimals[metric]);
  if (!compared) return text;
  return `${text} (${isShare(metric) ? points(score.change) : percent(score.change)})`;
}
