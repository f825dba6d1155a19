import { stringify } from 'csv-stringify/sync';
import type { Figures, Proportion } from '../contract/figures.ts';

/** A cell that begins like a formula is quoted, so that no spreadsheet runs what a header of an image said. */
const OPTIONS = { header: true, escape_formulas: true, bom: true } as const;

/** The figures as a table in long form (RFC 4180, UTF-8): one row a number, with its counts and its interval. */
export function figuresCsv(figures: Figures): string {
  const { agreement, reviewed, cannotTell, flagged, override, truth, kappa, turnaround, toVerdict } = figures;
  const rows = [
    of('all', 'reviewed', reviewed),
    of('all', 'agreement', agreement),
    of('all', 'cannot tell', cannotTell),
    of('all', 'check before use', flagged),
    of('all', 'decision overridden', override),
    ...figures.reasons.map(({ reason, share }) => of('reason', reason, share)),
    ...(['sensitivity', 'specificity', 'ppv', 'npv'] as const).map((name) => of('truth', name, truth[name])),
    ...(kappa ? [{ part: 'readers', name: 'kappa', ...kappa, k: kappa.agreed }] : []),
    ...(turnaround
      ? [
          { part: 'seconds', name: 'image to result, median', n: turnaround.n, value: turnaround.medianS },
          { part: 'seconds', name: 'image to result, 95 %', n: turnaround.n, value: turnaround.p95S },
        ]
      : []),
    ...(toVerdict
      ? [
          { part: 'seconds', name: 'result to verdict, median', n: toVerdict.n, value: toVerdict.medianS },
          { part: 'seconds', name: 'result to verdict, 95 %', n: toVerdict.n, value: toVerdict.p95S },
        ]
      : []),
    ...Object.entries(figures.groups).flatMap(([part, groups]) =>
      groups.map((group) => of(part, group.name, group.agreement)),
    ),
    ...figures.weeks.flatMap(({ week, discordant, flagged: marked }) => [
      of('week, discordant', week, discordant),
      of('week, check before use', week, marked),
    ]),
    ...figures.drift.flatMap(({ name, psi, ks, n }) => [
      { part: 'drift, PSI', name, n, value: psi },
      { part: 'drift, KS', name, n, value: ks },
    ]),
  ];
  return stringify(rows, {
    ...OPTIONS,
    columns: ['part', 'name', 'k', 'n', 'value', 'low', 'high'],
  });
}

const of = (part: string, name: string, { k, n, share, low, high }: Proportion) => ({
  part,
  name,
  k,
  n,
  value: share,
  low,
  high,
});

/** Rows under their own names, a header above the first. */
export const csvOf = (rows: readonly object[], columns: readonly string[], header = true): string =>
  stringify(rows as object[], { ...OPTIONS, bom: header, header, columns: [...columns] });
