import { z } from 'zod';
import { attributeOf } from '../dicom/dictionary.ts';
import { Fault } from '../shared/fault.ts';

/** Workitems in the DICOM JSON model (PS3.18 §F.2), as their requesters and performers send them. */

export interface Element {
  readonly vr: string;
  readonly Value?: readonly unknown[] | undefined;
}
export type Workitem = Readonly<Record<string, Element>>;

const TAG = /^[0-9A-F]{8}$/;
/** What a database of JSON takes: no NUL, no half of a surrogate pair. */
const Text = z
  .string()
  .refine((text) => text.isWellFormed() && !text.includes('\0'), { error: 'holds what is no text' });
const PersonName = z.strictObject({
  Alphabetic: Text.optional(),
  Ideographic: Text.optional(),
  Phonetic: Text.optional(),
});
const Element: z.ZodType<Element> = z.strictObject({
  vr: z.string().regex(/^[A-Z]{2}$/),
  get Value() {
    return z
      .array(z.union([Text, z.number(), z.null(), PersonName, z.lazy(() => Workitem)]))
      .max(1_000)
      .optional();
  },
});
export const Workitem: z.ZodType<Workitem> = z.record(z.string().regex(TAG), Element);
/** A dataset, or as PS3.18 has it in some places an array of one. */
const OneWorkitem = z
  .union([Workitem, z.tuple([Workitem])])
  .transform((w): Workitem => (Array.isArray(w) ? (w[0] as Workitem) : (w as Workitem)));

/** Reads a dataset. Throws REQUEST_INVALID, also for what is nested so deep that it ends the stack. */
export function parseWorkitem(body: unknown): Workitem {
  try {
    return OneWorkitem.parse(body);
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is nested too deep';
    throw new Fault('REQUEST_INVALID', `the body is no workitem in DICOM JSON: ${why.slice(0, 500)}`, {
      cause,
    });
  }
}

/** The tag of a keyword as DICOM JSON writes it. */
export const tag = (keyword: string): string => {
  const found = attributeOf(keyword);
  if (!found) throw new Error(`${keyword} is no attribute of DICOM`);
  return found.tag.toString(16).toUpperCase().padStart(8, '0');
};

/** An element by its keyword, with the VR of PS3.6. */
export const element = (keyword: string, ...Value: readonly unknown[]): Workitem => ({
  [tag(keyword)]: { vr: attributeOf(keyword)?.vr ?? 'UN', ...(Value.length > 0 ? { Value } : {}) },
});

/** The first value as text, through sequences: `first(item, 'ScheduledWorkitemCodeSequence', 'CodeValue')`. */
export function first(item: Workitem, keyword: string, ...deeper: readonly string[]): string | undefined {
  const value = item[tag(keyword)]?.Value?.[0];
  const [next, ...rest] = deeper;
  if (next !== undefined) return isItem(value) ? first(value, next, ...rest) : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

export const itemsOf = (item: Workitem, keyword: string): readonly Workitem[] =>
  (item[tag(keyword)]?.Value ?? []).filter(isItem);

const isItem = (value: unknown): value is Workitem => typeof value === 'object' && value !== null;

/** Values that name a patient, an order or a person. */
const NAMING = [
  'AccessionNumber',
  'AdmissionID',
  'IssuerOfAdmissionIDSequence',
  'PlacerOrderNumberImagingServiceRequest',
  'FillerOrderNumberImagingServiceRequest',
  'OrderPlacerIdentifierSequence',
  'OrderFillerIdentifierSequence',
].map(tag);

/** Without what names a patient or a person: such elements stay, empty. Our records hold identifiers of studies alone. */
export const withoutPeople = (item: Workitem): Workitem =>
  Object.fromEntries(
    Object.entries(item).map(([key, { vr, Value }]) => {
      if (key.startsWith('0010') || vr === 'PN' || NAMING.includes(key)) return [key, { vr }];
      return [key, Value ? { vr, Value: Value.map((v) => (isItem(v) ? withoutPeople(v) : v)) } : { vr }];
    }),
  );

/** What a requester must say (PS3.4 table CC.2.5-3, type 1). Throws REQUEST_INVALID with all that is missing. */
export function assertCreatable(item: Workitem): void {
  const missing = [
    'ScheduledProcedureStepPriority',
    'ProcedureStepLabel',
    'ScheduledProcedureStepStartDateTime',
    'InputReadinessState',
    'ProcedureStepState',
  ].filter((keyword) => !first(item, keyword));
  const wrong = [
    ...missing.map((keyword) => `${keyword} is missing`),
    ...(first(item, 'ProcedureStepState') === 'SCHEDULED' || missing.includes('ProcedureStepState')
      ? []
      : ['ProcedureStepState is not SCHEDULED']),
    ...(first(item, 'TransactionUID') ? ['TransactionUID must be empty'] : []),
    ...oneOf(item, 'ScheduledProcedureStepPriority', ['HIGH', 'MEDIUM', 'LOW']),
    ...oneOf(item, 'InputReadinessState', ['INCOMPLETE', 'UNAVAILABLE', 'READY']),
  ];
  if (wrong.length > 0) throw new Fault('REQUEST_INVALID', wrong.join('; '));
}

function oneOf(item: Workitem, keyword: string, values: readonly string[]): readonly string[] {
  const value = first(item, keyword);
  return value === undefined || values.includes(value) ? [] : [`${keyword} is none of ${values.join(', ')}`];
}

/** Whether what a final state requires is there (PS3.4 table CC.2.5-3, codes P and X). */
export function isComplete(item: Workitem, to: string): boolean {
  if (to !== 'COMPLETED') return true;
  const [performed] = itemsOf(item, 'UnifiedProcedureStepPerformedProcedureSequence');
  return (
    performed !== undefined &&
    ['PerformedProcedureStepStartDateTime', 'PerformedProcedureStepEndDateTime'].every((k) =>
      first(performed, k),
    ) &&
    ['PerformedStationNameCodeSequence', 'PerformedWorkitemCodeSequence'].every(
      (k) => itemsOf(performed, k).length > 0,
    )
  );
}

/** What an update may not touch: it has services of its own. */
export const NOT_UPDATED = ['SOPInstanceUID', 'SOPClassUID', 'ProcedureStepState', 'TransactionUID'].map(tag);

/** `20260131093000.000+0000` (PS3.5 §6.2, DT). */
export const dateTime = (iso: string): string =>
  `${iso.slice(0, 19).replace(/\D/g, '')}.${iso.slice(20, 23).padEnd(3, '0')}+0000`;
