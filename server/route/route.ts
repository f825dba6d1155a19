import type { Accepts } from '../models/schema.ts';

/** What is known of a series before its pixels are fetched. */
export interface SeriesFacts {
  readonly Modality: string | undefined;
  readonly SOPClassUIDs: readonly string[];
  readonly BodyPartExamined: string | undefined;
  readonly SeriesDescription: string | undefined;
  readonly ProtocolName: string | undefined;
  readonly instances: number;
}

export type Decision =
  | { readonly modelId: string; readonly run: true; readonly why: string }
  | { readonly modelId: string; readonly run: false; readonly why: string };

/** Whether each model runs on the series, and why or why not in one sentence. Pure: the same facts decide the same. */
export function route(
  facts: SeriesFacts,
  models: readonly { readonly id: string; readonly accepts: Accepts }[],
): readonly Decision[] {
  return models.map(({ id, accepts }) => {
    const against = CLAUSES.map((clause) => clause(facts, accepts)).find((reason) => reason !== undefined);
    return against === undefined
      ? { modelId: id, run: true, why: reasonFor(facts) }
      : { modelId: id, run: false, why: against };
  });
}

/** Each clause gives the reason against the series, or undefined. Cheapest and most telling first. */
const CLAUSES: readonly ((facts: SeriesFacts, accepts: Accepts) => string | undefined)[] = [
  ({ Modality }, accepts) =>
    Modality && accepts.Modality.includes(Modality)
      ? undefined
      : `Modality is ${Modality ?? 'absent'}, the model reads ${accepts.Modality.join(' or ')}`,
  ({ SOPClassUIDs }, accepts) => {
    const other = SOPClassUIDs.find((uid) => !accepts.SOPClassUID.includes(uid));
    return other === undefined && SOPClassUIDs.length > 0
      ? undefined
      : `SOPClassUID ${other ?? '(absent)'} is not one that the model reads`;
  },
  ({ BodyPartExamined }, { BodyPartExamined: { oneOf, orAbsent } }) => {
    if (BodyPartExamined === undefined) return orAbsent ? undefined : 'BodyPartExamined is absent';
    return oneOf.includes(BodyPartExamined.toUpperCase())
      ? undefined
      : `BodyPartExamined is ${BodyPartExamined}, the model reads ${oneOf.join(' or ')}`;
  },
  ({ SeriesDescription = '', ProtocolName = '' }, { words }) => {
    const said = `${SeriesDescription} ${ProtocolName}`.toLowerCase();
    return !words || words.some((word) => said.includes(word.toLowerCase()))
      ? undefined
      : `neither SeriesDescription nor ProtocolName holds one of: ${words.join(', ')}`;
  },
  ({ instances }, { instances: { min, max } }) =>
    instances >= min && instances <= max
      ? undefined
      : `the series has ${instances} images, the model reads ${min === max ? min : `${min} to ${max}`}`,
];

const reasonFor = ({ Modality, BodyPartExamined, instances }: SeriesFacts): string =>
  `Modality ${Modality}, BodyPartExamined ${BodyPartExamined ?? 'absent (accepted)'}, ${instances} ${instances === 1 ? 'image' : 'images'}`;
