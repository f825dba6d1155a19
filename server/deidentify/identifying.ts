import { type Dataset, text } from '../dicom/dataset.ts';
import { attributeOf } from '../dicom/dictionary.ts';
import type { Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';

/** The values of an object by which its patient, its people and its visit are known. */
export interface Identifying {
  /** Of names and identifiers, in small letters, at least three characters each. */
  readonly words: ReadonlySet<string>;
  readonly uids: ReadonlySet<string>;
  /** As 20260131 and as 2026-01-31. */
  readonly dates: ReadonlySet<string>;
}

/** Attributes of VR LO and SH that identify; those of VR PN do all. */
const IDENTIFIERS: ReadonlySet<string> = new Set([
  'AccessionNumber',
  'AdmissionID',
  'IssuerOfPatientID',
  'OtherPatientIDs',
  'PatientAddress',
  'PatientID',
  'PatientTelephoneNumbers',
  'PerformedProcedureStepID',
  'RequestedProcedureID',
  'ScheduledProcedureStepID',
  'StudyID',
]);
const SHORTEST = 3;

/** UIDs by which codes and classes mean what they mean. */
export const OF_MEANING: ReadonlySet<string> = new Set([
  'CodingSchemeUID',
  'ContextUID',
  'MappingResourceUID',
  'ReferencedSOPClassUID',
  'SOPClassUID',
]);

/** What stands for a text that must not be empty. */
export const DUMMY = 'Removed';

export function identifyingIn(dataset: Dataset): Identifying {
  const words = new Set<string>();
  const uids = new Set<string>();
  const dates = new Set<string>();
  eachValue(dataset, (keyword, vr, value) => {
    if (vr === 'PN' || IDENTIFIERS.has(keyword)) for (const word of wordsOf(nameOf(value))) words.add(word);
    if (
      vr === 'UI' &&
      !OF_MEANING.has(keyword) &&
      !`${value}`.startsWith('1.2.840.10008.') &&
      `${value}`.length >= LONG_ENOUGH
    )
      uids.add(`${value}`);
    const [, year, month, day] =
      /^(\d{4})(\d\d)(\d\d)/.exec(vr === 'DA' || vr === 'DT' ? `${value}` : '') ?? [];
    if (year) for (const date of [`${year}${month}${day}`, `${year}-${month}-${day}`]) dates.add(date);
  });
  return { words, uids, dates };
}

/** Shorter ones are of nobody, and stand in numbers by chance. */
const LONG_ENOUGH = 12;

/** Does the text repeat nothing of them? */
export const sayNothing = (said: string, { words, uids, dates }: Identifying): boolean =>
  !wordsOf(said).some((word) => words.has(word)) &&
  ![...uids, ...dates].some((other) => said.includes(other));

/** The text of a code, which means the same whoever is ill. */
export const isCoded = (keyword: string, dataset: Dataset): boolean =>
  CODE.has(keyword) &&
  text(dataset, 'CodingSchemeDesignator') !== undefined &&
  !text(dataset, 'CodingSchemeDesignator')?.startsWith('99');
const CODE: ReadonlySet<string> = new Set([
  'CodeValue',
  'CodeMeaning',
  'CodingSchemeDesignator',
  'LongCodeValue',
]);

/**
 * The last look before a copy leaves: no text in it repeats a name, identifier, UID or date of its original. Throws COPY_REFUSED that names the
 * attribute, never the value.
 */
export function assertGone(copy: Writable, { words, uids, dates }: Identifying): void {
  eachValue(copy, (keyword, vr, value, dataset) => {
    if (EXEMPT.has(keyword) || isCoded(keyword, dataset)) return;
    const said = vr === 'PN' ? nameOf(value) : `${value}`;
    if (said === DUMMY) return;
    const found = TEXTS.has(vr) ? !sayNothing(said, { words, uids, dates }) : vr === 'UI' && uids.has(said);
    const date = (vr === 'DA' || vr === 'DT') && dates.has(said.slice(0, 8)) && !said.startsWith('19000101');
    if (found || date) throw new Fault('COPY_REFUSED', `${keyword} still tells of the original`);
  });
}

/** Set anew, or kept for what they mean. */
const EXEMPT: ReadonlySet<string> = new Set([
  ...OF_MEANING,
  'DeidentificationMethod',
  'PatientID',
  'PatientName',
]);
const TEXTS: ReadonlySet<string> = new Set(['AE', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT']);

function eachValue(
  dataset: Dataset,
  look: (keyword: string, vr: string, value: unknown, dataset: Dataset) => void,
): void {
  for (const [keyword, value] of Object.entries(dataset)) {
    const vr = attributeOf(keyword)?.vr;
    if (!vr) continue;
    for (const one of valuesOf(value))
      if (vr === 'SQ') {
        if (typeof one === 'object' && one !== null) eachValue(one as Dataset, look);
      } else look(keyword, vr, one, dataset);
  }
}

export const valuesOf = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).filter((v) => v !== undefined && v !== null);
};

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? Object.values(value).join(' ') : `${value}`;

const wordsOf = (said: string): readonly string[] =>
  said
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= SHORTEST);
