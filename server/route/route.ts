import type { Priority } from '../contracts.ts';
import type { Accepts } from '../models/accepts.ts';
import type { Attributes } from './attributes.ts';
import { type RuleFile, type Ruling, rule } from './rules.ts';
import { reasonAgainst } from './words.ts';

export type Decision =
  | {
      readonly modelId: string;
      readonly run: true;
      readonly why: string;
      readonly priority: Priority;
      /** The rule that wants the study to be complete first. */
      readonly waitsFor?: string;
    }
  | { readonly modelId: string; readonly run: false; readonly why: string };

/**
 * Whether each model runs on the series, and why or why not in one sentence. A model runs on what its package accepts and, where
 * there are rules, one of them chooses it for. Pure: the same attributes, models and rules decide the same.
 */
export function route(
  attributes: Attributes,
  models: readonly { readonly id: string; readonly accepts: Accepts }[],
  rules?: RuleFile,
): readonly Decision[] {
  const ruling = rules && rule(rules, attributes);
  return models.map(({ id: modelId, accepts }): Decision => {
    const against = CLAUSES.map((clause) => clause(attributes, accepts)).find(
      (reason) => reason !== undefined,
    );
    if (against !== undefined) return { modelId, run: false, why: against };
    const why = reasonFor(attributes);
    if (!ruling) return { modelId, run: true, why, priority: 'normal' };
    const chosen = ruling.chosen.find((c) => names(c.modelId, modelId));
    return chosen
      ? {
          modelId,
          run: true,
          why: `rule ${chosen.rule}: ${why}`,
          priority: chosen.priority,
          ...(chosen.study ? { waitsFor: chosen.rule } : {}),
        }
      : { modelId, run: false, why: notChosen(ruling, modelId) };
  });
}

/** A rule names all versions of a model, or one as `id@1.2.0`. */
const names = (named: string, modelId: string): boolean =>
  named === modelId || modelId.startsWith(`${named}@`);

type Clause = (attributes: Attributes, accepts: Accepts) => string | undefined;

/** Each clause gives the reason against the series, or undefined. Cheapest and most telling first. */
const CLAUSES: readonly Clause[] = [
  (attributes, accepts) => {
    const Modality = one(attributes, 'Modality');
    return Modality && accepts.Modality.includes(Modality)
      ? undefined
      : `Modality is ${Modality ?? 'absent'}, the model reads ${accepts.Modality.join(' or ')}`;
  },
  ({ SOPClassUID = [] }, accepts) => {
    const other = SOPClassUID.find((uid) => !accepts.SOPClassUID.includes(uid));
    return other === undefined && SOPClassUID.length > 0
      ? undefined
      : `SOPClassUID ${other ?? '(absent)'} is not one that the model reads`;
  },
  (attributes, { BodyPartExamined: { oneOf, orAbsent } }) => {
    const BodyPartExamined = one(attributes, 'BodyPartExamined');
    if (BodyPartExamined === undefined) return orAbsent ? undefined : 'BodyPartExamined is absent';
    return oneOf.includes(BodyPartExamined.toUpperCase())
      ? undefined
      : `BodyPartExamined is ${BodyPartExamined}, the model reads ${oneOf.join(' or ')}`;
  },
  (attributes, { words }) => {
    const said = ['SeriesDescription', 'ProtocolName'].map((k) => one(attributes, k) ?? '').join(' ');
    return !words || words.some((word) => said.toLowerCase().includes(word.toLowerCase()))
      ? undefined
      : `neither SeriesDescription nor ProtocolName holds one of: ${words.join(', ')}`;
  },
  (attributes, { instances: { min, max } }) => {
    const instances = imagesOf(attributes);
    if (instances === undefined) return undefined;
    return instances >= min && instances <= max
      ? undefined
      : `the series has ${instances} images, the model reads ${min === max ? min : `${min} to ${max}`}`;
  },
];

const one = (attributes: Attributes, keyword: string): string | undefined => attributes[keyword]?.[0];
/** Undefined where one image is all that is known. */
function imagesOf(attributes: Attributes): number | undefined {
  const count = one(attributes, 'NumberOfSeriesRelatedInstances');
  return count === undefined ? undefined : Number(count);
}

function reasonFor(attributes: Attributes): string {
  const instances = imagesOf(attributes);
  const counted =
    instances === undefined ? 'images not counted' : `${instances} ${instances === 1 ? 'image' : 'images'}`;
  return `Modality ${one(attributes, 'Modality')}, BodyPartExamined ${one(attributes, 'BodyPartExamined') ?? 'absent (accepted)'}, ${counted}`;
}

/** Of the rules that would choose the model, what kept each from matching. */
function notChosen({ rules, barredBy }: Ruling, modelId: string): string {
  if (barredBy) return `rule ${barredBy} keeps all models away`;
  const would = rules.filter(({ run, matched }) => !matched && run.some((named) => names(named, modelId)));
  if (would.length === 0) return 'no rule chooses the model';
  return would.map(({ name, verdict }) => `rule ${name}: ${reasonAgainst(verdict)}`).join('; ');
}
