import type { Pair } from '../jobs/index.ts';

/** How two versions of a model agree on one finding, over the images that both have read. */
export interface Agreement {
  readonly label: string;
  /** Images on which both say something of it. */
  readonly images: number;
  /** Of decisions: positive by both, by the first alone, by the second alone, by neither. Absent where there is no decision. */
  readonly decisions?: {
    readonly both: number;
    readonly onlyA: number;
    readonly onlyB: number;
    readonly neither: number;
  };
  /** Share of images with the same decision, and Cohen's kappa; null where it is undefined, because both always say the same. */
  readonly agreement?: number;
  readonly kappa?: number | null;
  /** Second less first, of the score, the volume in ml or the value in its unit. */
  readonly difference?: {
    readonly of: 'score' | 'volumeMl' | 'value';
    readonly mean: number;
    /** Standard deviation of the differences, n − 1; null with one image. */
    readonly sd: number | null;
    readonly largest: number;
  };
  /** Images on which each version says `check before use`. */
  readonly checkBeforeUse: readonly [number, number];
}

export interface Comparison {
  readonly images: number;
  readonly findings: readonly Agreement[];
  /** Medians of inferring and explaining, ms; null where it is not known. */
  readonly ms: readonly [number | null, number | null];
  /** Where the decisions differ, for people to look at. */
  readonly differing: readonly {
    readonly StudyInstanceUID: string;
    readonly label: string;
    readonly a: boolean;
    readonly b: boolean;
  }[];
}

const SHOWN = 50;

/** What two versions made of the same images, side by side: what a person reads before one takes the other's place. Pure. */
export function compareVersions(pairs: readonly Pair[]): Comparison {
  const labels = [
    ...new Set(pairs.flatMap(({ a, b }) => [...a.findings, ...b.findings].map(({ label }) => label))),
  ];
  return {
    images: pairs.length,
    findings: labels.map((label) => agreementOf(label, pairs)),
    ms: [medianOf(pairs.flatMap(({ a }) => a.ms ?? [])), medianOf(pairs.flatMap(({ b }) => b.ms ?? []))],
    differing: labels
      .flatMap((label) =>
        pairs.flatMap((pair) => {
          const [a, b] = [findingOf(pair.a, label)?.positive, findingOf(pair.b, label)?.positive];
          const { StudyInstanceUID } = pair;
          return a !== undefined && b !== undefined && a !== b ? [{ StudyInstanceUID, label, a, b }] : [];
        }),
      )
      .slice(0, SHOWN),
  };
}

const findingOf = ({ findings }: Pair['a'], label: string) => findings.find((f) => f.label === label);

function agreementOf(label: string, pairs: readonly Pair[]): Agreement {
  const found = pairs.flatMap((pair) => {
    const [a, b] = [findingOf(pair.a, label), findingOf(pair.b, label)];
    return a && b ? [{ a, b }] : [];
  });
  const decided = found.flatMap(({ a, b }) =>
    a.positive === undefined || b.positive === undefined ? [] : [[a.positive, b.positive] as const],
  );
  const count = (a: boolean, b: boolean): number => decided.filter((d) => d[0] === a && d[1] === b).length;
  const decisions = {
    both: count(true, true),
    onlyA: count(true, false),
    onlyB: count(false, true),
    neither: count(false, false),
  };
  const of = (['score', 'volumeMl', 'value'] as const).find((key) =>
    found.some(({ a, b }) => a[key] !== undefined && b[key] !== undefined),
  );
  return {
    label,
    images: found.length,
    ...(decided.length > 0 ? { decisions, ...agreed(decisions) } : {}),
    ...(of
      ? {
          difference: {
            of,
            ...spread(
              found.flatMap(({ a, b }) => {
                const [x, y] = [a[of], b[of]];
                return x === undefined || y === undefined ? [] : [y - x];
              }),
            ),
          },
        }
      : {}),
    checkBeforeUse: [
      found.filter(({ a }) => a.checkBeforeUse).length,
      found.filter(({ b }) => b.checkBeforeUse).length,
    ],
  };
}

/** Cohen 1960: (po − pe) / (1 − pe). */
function agreed({ both, onlyA, onlyB, neither }: NonNullable<Agreement['decisions']>) {
  const n = both + onlyA + onlyB + neither;
  const agreement = (both + neither) / n;
  const chance = ((both + onlyA) * (both + onlyB) + (neither + onlyB) * (neither + onlyA)) / n ** 2;
  return { agreement, kappa: chance === 1 ? null : (agreement - chance) / (1 - chance) };
}

function spread(values: readonly number[]) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const largest = values.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most), 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null, largest };
}

function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
