/** The paper's findings, and whether they hold here: by the means, with the numbers they follow from. */
import type { TableValue } from '../../src/formats/text-table.ts';
import type { Prior } from '../../src/pyramid/prior.ts';
import { percent, points } from './number-texts.ts';
import type { RegionSource } from './options.ts';
import type { Section } from './section.ts';
import type { ColumnSummary } from './summary.ts';

interface Fields {
  lerf: ColumnSummary;
  panoptic: ColumnSummary;
  singleScale?: ColumnSummary;
  full?: ColumnSummary;
}

interface Verdict {
  holds: boolean;
  because: string;
}

const findings: Record<string, (fields: Fields) => Verdict | undefined> = {
  'ours has a lower D_relevancy than LERF': ({ panoptic }) => {
    const { scenes } = panoptic.changes.dRelevancy;
    return { holds: scenes < 0, because: percent(scenes) };
  },
  'ours has a higher recall than LERF': ({ panoptic }) => {
    const { scenes } = panoptic.changes.recall;
    return { holds: scenes > 0, because: `${points(scenes)} points` };
  },
  'single-scale override has a higher D_relevancy than ours': ({ panoptic, singleScale }) => {
    if (!singleScale) return undefined;
    const [own, other] = [panoptic, singleScale].map(({ changes }) => changes.dRelevancy.scenes);
    return { holds: other > own, because: `${percent(other)} against ${percent(own)}` };
  },
  'full supervision finds fewer parts than ours (recall)': ({ panoptic, full }) => {
    const [own, other] = [panoptic, full].map((field) => field?.kinds.part?.scores.recall);
    if (own === undefined || other === undefined) return undefined;
    return { holds: other < own, because: `${(100 * other).toFixed(1)} % against ${(100 * own).toFixed(1)} %` };
  },
  'full supervision lights up the whole thing for its part, more than LERF': ({ lerf, full }) => {
    const [before, after] = [lerf, full].map((field) => field?.kinds.part?.ownerRest);
    if (before === undefined || after === undefined) return undefined;
    return {
      holds: after > before,
      because: `R on the rest of the owner ${after.toFixed(3)} against ${before.toFixed(3)}`,
    };
  },
};

/** None without the fields that the findings are about. */
export function findingsTables(summaries: readonly ColumnSummary[], sources: readonly RegionSource[]): Section[] {
  if (sources.every((source) => fieldsOf(summaries, source) === undefined)) return [];
  const rows = Object.entries(findings).map(([finding, check]) => [
    finding,
    ...sources.map((source): TableValue => {
      const fields = fieldsOf(summaries, source);
      const verdict = fields && check(fields);
      return verdict && `${verdict.holds ? 'yes' : 'NO'}: ${verdict.because}`;
    }),
  ]);
  const columns = [{ title: 'finding' }, ...sources.map((source) => ({ title: `${source} regions` }))];
  return [{ title: "The paper's findings", columns, rows, notes: [] }];
}

function fieldsOf(summaries: readonly ColumnSummary[], source: RegionSource): Fields | undefined {
  const find = (prior: Prior) =>
    summaries.find((each) => each.prior === prior && (each.regions === null || each.regions === source));
  const [lerf, panoptic] = [find('none'), find('panoptic')];
  return lerf && panoptic && { lerf, panoptic, singleScale: find('single-scale'), full: find('full') };
}
