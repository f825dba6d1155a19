import { z } from 'zod';

/** What the review console and the server say to each other, part four: figures. Every proportion comes with its counts and interval; what too few cases give is absent. */

/** `GET /api/review/figures?…` and its exports `figures.csv`, `registry.csv`, `report.pdf` */
export const FigureQuery = z.strictObject({
  model: z.string().min(1).max(64),
  version: z.string().min(1).max(64).optional(),
  /** By label; the model's first when it does not say. */
  finding: z.string().min(1).max(200).optional(),
  site: z.string().min(1).max(200).optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});
export type FigureQuery = z.infer<typeof FigureQuery>;

/** `k` of `n`, with Wilson's interval at 95 %; `share` absent when n is 0. */
export const Proportion = z.object({
  k: z.int(),
  n: z.int(),
  share: z.number().optional(),
  low: z.number().optional(),
  high: z.number().optional(),
});
export type Proportion = z.infer<typeof Proportion>;

export const Group = z.object({ name: z.string(), agreement: Proportion, differs: z.boolean() });
export type Group = z.infer<typeof Group>;

export const Week = z.object({
  /** Its Monday, `2026-11-23`, UTC. */
  week: z.string(),
  discordant: Proportion,
  /** 3 σ for the week's count (p chart); absent without a baseline. */
  upper: z.number().optional(),
  lower: z.number().optional(),
  outside: z.boolean(),
  /** Mean of 1..5 and how many gave one. */
  explanation: z.object({ mean: z.number(), n: z.int() }).optional(),
  flagged: Proportion,
});

export const Drift = z.object({
  name: z.string(),
  /** Population stability index against the model's reference (acceptance, or the first weeks when the package has none), in ten bins of equal share. */
  psi: z.number(),
  /** Two-sample Kolmogorov–Smirnov statistic, 0..1. */
  ks: z.number(),
  n: z.int(),
  reference: z.object({ n: z.int(), from: z.enum(['acceptance', 'first weeks']) }),
  /** Below 0.10, up to 0.25, above; `too few` with fewer than 200 on either side, where chance alone moves the index that far. */
  state: z.enum(['stable', 'watch', 'act', 'too few']),
});

export const Figures = z.object({
  model: z.string(),
  versions: z.array(z.string()),
  finding: z.string(),
  from: z.string(),
  to: z.string(),
  /** Results of it, and of them how many have a verdict. */
  reviewed: Proportion,
  agreement: Proportion,
  cannotTell: Proportion,
  reasons: z.array(z.object({ reason: z.string(), share: Proportion })),
  /** Only where the truth is known. */
  truth: z.object({
    n: z.int(),
    sensitivity: Proportion,
    specificity: Proportion,
    ppv: Proportion,
    npv: Proportion,
  }),
  /** Cohen's κ of the first two readers; absent with fewer than 2 pairs, or where both always say the same one thing. */
  kappa: z
    .object({ value: z.number(), low: z.number(), high: z.number(), n: z.int(), agreed: z.int() })
    .optional(),
  flagged: Proportion,
  override: Proportion,
  /** Seconds from the last image's arrival to the result in the archive. */
  turnaround: z.object({ n: z.int(), medianS: z.number(), p95S: z.number() }).optional(),
  /** Seconds from the result to its verdict. */
  toVerdict: z.object({ n: z.int(), medianS: z.number(), p95S: z.number() }).optional(),
  explanation: z.object({ n: z.int(), mean: z.number() }).optional(),
  groups: z.record(z.enum(['scanner', 'site', 'age', 'sex', 'version']), z.array(Group)),
  weeks: z.array(Week),
  baseline: z.object({ weeks: z.int(), mean: z.number() }).optional(),
  drift: z.array(Drift),
  /** Ten bins of the score, 0..1. */
  scores: z.object({
    n: z.int(),
    shares: z.array(z.number()),
    reference: z.array(z.number()).optional(),
    threshold: z.number().optional(),
  }),
  /** Sentences that state the result of each chart, made from the values. */
  titles: z.record(z.string(), z.string()),
});
export type Figures = z.infer<typeof Figures>;
