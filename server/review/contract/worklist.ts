import { z } from 'zod';
import { words } from './words.ts';

/** What the review console and the server say to each other, part one: which results wait, for whom and why. Every time is ISO 8601, UTC. */

/** Of one result (one report in the archive: one model on one series). */
export const AnalysisId = z.string().regex(/^[0-9a-f]{32}$/);

export const CASE_STATES = ['unread', 'reading', 'differ', 'judged', 'waiting-for-archive'] as const;
/**
 * `unread`: nobody has signed; `reading`: fewer have signed than the plan wants; `differ`: two readers disagree and an arbiter is owed;
 * `judged`: the verdict is in the archive; `waiting-for-archive`: signed, and the archive has not taken the report yet.
 */
export type CaseState = (typeof CASE_STATES)[number];

const list = z.array(words(200).min(1)).max(50);

/** Filters; what is left out filters nothing. Of lists any may fit. */
export const CaseFilter = z.strictObject({
  state: z.array(z.enum(CASE_STATES)).max(5).optional(),
  model: list.optional(),
  version: list.optional(),
  /** By label: any finding of the result. With it, `positive`, the scores and `nearThreshold` are of that finding, else of the headline. */
  finding: list.optional(),
  positive: z.boolean().optional(),
  /** Both ends belong to it, 0..1. */
  scoreFrom: z.number().min(0).max(1).optional(),
  scoreTo: z.number().min(0).max(1).optional(),
  /** At most this far from the threshold. */
  nearThreshold: z.number().min(0).max(1).optional(),
  scanner: list.optional(),
  site: list.optional(),
  ageFrom: z.int().min(0).max(90).optional(),
  ageTo: z.int().min(0).max(90).optional(),
  sex: z
    .array(z.enum(['M', 'F', 'O', 'unknown']))
    .max(4)
    .optional(),
  /** When the result was made. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  /** Is it marked `check before use`? */
  flagged: z.boolean().optional(),
  /** Sampling plans by id. */
  plan: list.optional(),
  /** Did a plan take it, or was it given to someone? */
  sampled: z.boolean().optional(),
  /** Has the caller signed it? */
  mine: z.boolean().optional(),
  /** To whom it is assigned: `me`, `nobody` or the subject of a reader. */
  reviewer: list.optional(),
  /** In the case's short name, the finding's label or the study's UID. */
  search: words(100).optional(),
});
export type CaseFilter = z.infer<typeof CaseFilter>;

export const CASE_ORDERS = ['urgent', 'newest', 'oldest', 'near-threshold'] as const;

/** `POST /api/review/cases/query`: a page of the worklist. */
export const CaseQuery = z.strictObject({
  filter: CaseFilter.default({}),
  /** `urgent`: those that differ, then flagged, then nearest to the threshold, then oldest. */
  order: z.enum(CASE_ORDERS).default('urgent'),
  limit: z.int().min(1).max(200).default(50),
  /** `next` of the page before. */
  after: z.string().max(300).optional(),
});
export type CaseQuery = z.infer<typeof CaseQuery>;

export const Context = z.object({
  modality: z.string().optional(),
  bodyPart: z.string().optional(),
  view: z.string().optional(),
  manufacturer: z.string().optional(),
  /** Model name of the device, with its station where it says one. */
  scanner: z.string().optional(),
  site: z.string().optional(),
  /** Whole years; 90 stands for 90 and above. */
  ageYears: z.int().min(0).max(90).optional(),
  sex: z.enum(['M', 'F', 'O']).optional(),
  /** What the model was given, in numbers, for drift: `pixelSpacing` mm, `brightness` and `contrast` (mean and standard deviation of the values), and what the header says of the exposure. */
  inputs: z.record(z.string(), z.number()).default({}),
});
/** What the figures are broken down by. No name, number or date of a patient. */
export type Context = z.infer<typeof Context>;

export const CaseLine = z.object({
  analysis: AnalysisId,
  /** For people: `S-20418`, from the study's UID. */
  name: z.string(),
  StudyInstanceUID: z.string(),
  state: z.enum(CASE_STATES),
  model: z.object({ id: z.string(), version: z.string() }),
  /** The finding that stands for the result: the strongest that is present, else the strongest. */
  headline: z.object({
    label: z.string(),
    sentence: z.string(),
    positive: z.boolean().optional(),
    score: z.number().optional(),
    threshold: z.number().optional(),
    probability: z.number().optional(),
    volumeMl: z.number().optional(),
    value: z.number().optional(),
    unit: z.string().optional(),
  }),
  findings: z.int(),
  /** Why it is to be checked before use; empty when nothing failed. */
  flags: z.array(z.string()),
  context: Context,
  /** Why it is on the list: names of sampling plans. */
  sampled: z.array(z.object({ plan: z.string(), name: z.string() })),
  readers: z.object({
    wanted: z.int(),
    signed: z.int(),
    /** Has the caller signed? */
    mine: z.boolean(),
    assigned: z.array(z.object({ subject: z.string(), name: z.string() })),
    /** Are they hidden from each other until all have signed? */
    blind: z.boolean(),
  }),
  /** When the result was visible. */
  at: z.string(),
});
export type CaseLine = z.infer<typeof CaseLine>;

export const CasePage = z.object({
  cases: z.array(CaseLine),
  /** All that fit the filter; counted to 10,000 at most. */
  total: z.int(),
  next: z.string().optional(),
});
export type CasePage = z.infer<typeof CasePage>;

/** `GET|POST /api/review/plans`, `PUT|DELETE /api/review/plans/:id`; by an admin, but for GET. New results are sampled as they come; what is there already by `POST /api/review/plans/:id/apply`. */
export const Plan = z.strictObject({
  name: words(60).min(1),
  /** What it takes. */
  filter: CaseFilter.default({}),
  /** Of what fits, this share by a random number that the analysis's id and the plan give, so that it can be done again. 0..1 */
  share: z.number().gt(0).max(1).default(1),
  readers: z.int().min(1).max(2).default(1),
  /** Does a reader see what the other said only after both have signed? */
  blind: z.boolean().default(true),
  on: z.boolean().default(true),
});
export type Plan = z.infer<typeof Plan>;
export const PlanState = Plan.extend({ id: z.string(), sampled: z.int(), judged: z.int() });
export type PlanState = z.infer<typeof PlanState>;

/** `GET|POST /api/review/views`, `PUT|DELETE /api/review/views/:id`: a reader's own saved views beside the built-in ones (which have no owner). */
export const View = z.strictObject({
  name: words(60).min(1),
  filter: CaseFilter,
  order: z.enum(CASE_ORDERS).default('urgent'),
});
export type View = z.infer<typeof View>;
export const ViewState = View.extend({ id: z.string(), builtIn: z.boolean(), count: z.int() });
export type ViewState = z.infer<typeof ViewState>;

/** `PUT /api/review/cases/:analysis/assignment` → 204: to the caller or back; an admin gives it to a reader of `values`, or takes it away. */
export const Assignment = z.union([
  z.strictObject({ mine: z.boolean() }),
  z.strictObject({ reader: words(200).min(1), assigned: z.boolean() }),
]);
export type Assignment = z.infer<typeof Assignment>;

/** `GET /api/review/events`: server-sent events named `case` when a case comes or changes. */
export const CaseEvent = z.object({ analysis: z.string(), state: z.enum(CASE_STATES) });
export type CaseEvent = z.infer<typeof CaseEvent>;

/** `GET /api/review/values`: what the filters can be set to. */
export const FilterValues = z.object({
  models: z.array(z.object({ id: z.string(), versions: z.array(z.string()) })),
  findings: z.array(z.string()),
  scanners: z.array(z.string()),
  sites: z.array(z.string()),
  readers: z.array(z.object({ subject: z.string(), name: z.string() })),
});
export type FilterValues = z.infer<typeof FilterValues>;
