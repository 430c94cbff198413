/** The paper's findings, and whether they hold here: by the means, with the numbers they follow from. */
import type { TableValue } from '../../src/formats/text-table.ts';
import { defaultPrior, type Prior } from '../../src/pyramid/prior.ts';
import { percent, points } from './number-texts.ts';
import type { RegionSource } from './options.ts';
import type { Section } from './section.ts';
import type { ColumnSummary } from './summary.ts';

interface Fields {
  lerf: ColumnSummary;
  ours: ColumnSummary;
  singleScale?: ColumnSummary;
  full?: ColumnSummary;
}

interface Verdict {
  holds: boolean;
  because: string;
}

const findings: Record<string, (fields: Fields) => Verdict | undefined> = {
  'ours has a lower D_relevancy than LERF': ({ ours }) => {
    const { scenes } = ours.changes.dRelevancy;
    return { holds: scenes < 0, because: percent(scenes) };
  },
  'ours has a higher recall than LERF': ({ ours }) => {
    const { scenes } = ours.changes.recall;
    return { holds: scenes > 0, because: `${points(scenes)} points` };
  },
  'single-scale override has a higher D_relevancy than ours': ({ ours, singleScale }) => {
    if (!singleScale) return undefined;
    const [own, other] = [ours, singleScale].map(({ changes }) => changes.dRelevancy.scenes);
    return { holds: other > own, because: `${percent(other)} against ${percent(own)}` };
  },
  'full supervision finds fewer parts than ours (recall)': ({ ours, full }) => {
    const [own, other] = [ours, full].map((field) => field?.kinds.part?.scores.recall);
    if (own === undefined || other === undefined) return undefined;
    return { holds: other < own, because: `${(100 * other).toFixed(1)} % against ${(100 * own).toFixed(1)} %` };
  },
  'full supervision tells a part from the rest of its owner less than LERF': ({ lerf, full }) => {
    const [before, after] = [lerf, full].map((field) => {
      const part = field?.kinds.part;
      return part && part.inside / part.ownerRest;
    });
    if (before === undefined || after === undefined) return undefined;
    return {
      holds: after < before,
      because: `R of the part over R of the rest ${after.toFixed(2)} against ${before.toFixed(2)}`,
    };
  },
};

/** One table for the rule as printed and one for the default; none without the fields that the findings are about. */
export function findingsTables(summaries: readonly ColumnSummary[], sources: readonly RegionSource[]): Section[] {
  return (['panoptic', defaultPrior] satisfies Prior[]).flatMap((prior) => findingsTable(prior, summaries, sources));
}

function findingsTable(prior: Prior, summaries: readonly ColumnSummary[], sources: readonly RegionSource[]): Section[] {
  if (sources.every((source) => fieldsOf(prior, summaries, source) === undefined)) return [];
  const rows = Object.entries(findings).map(([finding, check]) => [
    finding,
    ...sources.map((source): TableValue => {
      const fields = fieldsOf(prior, summaries, source);
      const verdict = fields && check(fields);
      return verdict && `${verdict.holds ? 'yes' : 'NO'}: ${verdict.because}`;
    }),
  ]);
  const columns = [{ title: 'finding' }, ...sources.map((source) => ({ title: `${source} regions` }))];
  return [{ title: `The paper's findings, ours being ${prior}`, columns, rows, notes: [] }];
}

function fieldsOf(prior: Prior, summaries: readonly ColumnSummary[], source: RegionSource): Fields | undefined {
  const find = (wanted: Prior) =>
    summaries.find((each) => each.prior === wanted && (each.regions === null || each.regions === source));
  const [lerf, ours] = [find('none'), find(prior)];
  return lerf && ours && { lerf, ours, singleScale: find('single-scale'), full: find('full') };
}
