import { type Dataset, text } from '../dicom/dataset.ts';
import { attributeOf } from '../dicom/dictionary.ts';
import type { Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import { BASIC_PROFILE, type ProfileAction } from './basic-profile.ts';
import { DUMMY, type Identifying, isCoded, OF_MEANING, sayNothing, valuesOf } from './identifying.ts';
import type { Pseudonyms } from './pseudonym.ts';

export interface Cleaning {
  readonly pseudonyms: Pseudonyms;
  readonly identifying: Identifying;
  /** Only of reports that we made ourselves it is known what their text may say. */
  readonly ownReport: boolean;
}

/**
 * A dataset by the Basic Application Level Confidentiality Profile (PS3.15 Annex E), item by item. Where the table leaves a choice by the object's
 * IOD, what is valid in all of them is taken. Stricter than the table: of what it does not name, private and unknown attributes, names, dates,
 * times, ages, long texts and application entities go too, every UID is replaced, and a short text that repeats a word of a name or identifier
 * of the object is replaced. Throws COPY_REFUSED.
 */
export function cleanDataset(dataset: Dataset, cleaning: Cleaning): Writable {
  const clean: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(dataset)) {
    const attribute = attributeOf(keyword);
    if (!attribute) continue;
    const { vr } = attribute;
    const action = actionOf(hex(attribute.tag), keyword, vr);
    clean[keyword] = ACT[action]({ keyword, vr, value, dataset }, cleaning);
  }
  return clean;
}

const hex = (tag: number): string => tag.toString(16).padStart(8, '0').toUpperCase();

type Action = 'remove' | 'empty' | 'dummy' | 'replace' | 'keep';

const BY_PROFILE: Readonly<Record<ProfileAction, Action>> = {
  X: 'remove',
  Z: 'empty',
  'X/Z': 'empty',
  D: 'dummy',
  'Z/D': 'dummy',
  'X/D': 'dummy',
  'X/Z/D': 'dummy',
  U: 'replace',
  // Items are cleaned like everything else, their UIDs replaced.
  'X/Z/U*': 'keep',
};

/** What the table does not name, by its VR; all other is kept. */
const BY_VR: Readonly<Record<string, Action>> = {
  ...Object.fromEntries(
    ['AE', 'AS', 'DA', 'DT', 'LT', 'OB', 'PN', 'ST', 'TM', 'UN', 'UR', 'UT'].map((vr) => [vr, 'remove']),
  ),
  UI: 'replace',
};

/** Where an image would not be valid, or not what it is, by the VR alone. */
const BY_KEYWORD: Readonly<Record<string, Action>> = {
  ICCProfile: 'keep',
  // Who numbers patients and visits is an institution.
  IssuerOfAccessionNumberSequence: 'remove',
  IssuerOfAdmissionIDSequence: 'remove',
  IssuerOfPatientIDQualifiersSequence: 'remove',
  IssuerOfServiceEpisodeIDSequence: 'remove',
  // Beside TrackingUID it must not be absent (PS3.3 Table C.8.20-4).
  TrackingID: 'dummy',
  ...Object.fromEntries([...OF_MEANING].map((keyword) => [keyword, 'keep' as const])),
  URNCodeValue: 'keep',
  // In reports of our own, checked against what identifies.
  TextValue: 'keep',
};

const actionOf = (tag: string, keyword: string, vr: string): Action => {
  const named = (BASIC_PROFILE as Readonly<Record<string, ProfileAction>>)[tag];
  return BY_KEYWORD[keyword] ?? (named ? BY_PROFILE[named] : (BY_VR[vr] ?? 'keep'));
};

interface Element {
  readonly keyword: string;
  readonly vr: string;
  readonly value: unknown;
  /** That holds it. */
  readonly dataset: Dataset;
}

const ACT: Readonly<Record<Action, (element: Element, cleaning: Cleaning) => unknown>> = {
  remove: () => undefined,
  empty: () => [],
  dummy: (element, cleaning) => {
    if (element.vr === 'SQ') return cleanItems(element, cleaning);
    return element.vr === 'UI' ? ACT.replace(element, cleaning) : dummyOf(element);
  },
  replace: ({ vr, value }, { pseudonyms }) =>
    vr === 'UI' ? textsOf(value).map((uid) => pseudonyms.uid(uid)) : undefined,
  keep: (element, cleaning) => {
    const { keyword, vr, value, dataset } = element;
    if (vr === 'SQ') return cleanItems(element, cleaning);
    if (keyword === 'TextValue' && !cleaning.ownReport) return undefined;
    if (!['LO', 'SH', 'UC', 'UT'].includes(vr) || isCoded(keyword, dataset)) return asWritten(element);
    const tells = valuesOf(value).some((v) => !sayNothing(String(v), cleaning.identifying));
    if (tells && keyword === 'TextValue')
      throw new Fault('COPY_REFUSED', 'a text of the report repeats what identifies the patient');
    return tells ? DUMMY : asWritten(element);
  },
};

function cleanItems({ keyword, value, dataset }: Element, cleaning: Cleaning): unknown {
  const inside = valuesOf(value).filter((v): v is Dataset => typeof v === 'object' && v !== null);
  if (keyword !== 'ContentSequence') {
    // Codes of people and institutions; elsewhere the items are cleaned like everything else.
    if (/^(PersonIdentification|Institution)CodeSequence$/.test(keyword)) return [ANONYMOUS];
    // Our reader loses an item without attributes; this one must be there (PS3.3 C.7.6.16).
    if (keyword === 'SharedFunctionalGroupsSequence' && inside.length === 0) return [{}];
    return inside.map((item) => cleanDataset(item, cleaning));
  }
  if (!cleaning.ownReport)
    throw new Fault(
      'COPY_REFUSED',
      `structured content of ${text(dataset, 'SOPClassUID') ?? 'an object'} is not cleaned`,
    );
  return inside
    .filter((item) => !TELLING.has(text(item, 'ValueType') ?? ''))
    .map((item) => cleanDataset(item, cleaning));
}

/** Content items whose value is a person or a time (Clean Structured Content Option). */
const TELLING: ReadonlySet<string> = new Set(['PNAME', 'DATE', 'TIME', 'DATETIME']);

const ANONYMOUS = { CodeValue: 'REMOVED', CodingSchemeDesignator: '99PELLUCID', CodeMeaning: 'Removed' };

/** Valid in its VR, and of nobody. */
function dummyOf({ vr, keyword }: Element): unknown {
  const dummy = DUMMIES[vr];
  if (dummy === undefined) throw new Fault('COPY_REFUSED', `${keyword} cannot be replaced`);
  return dummy;
}
const DUMMIES: Readonly<Record<string, unknown>> = {
  AE: 'REMOVED',
  AS: '000Y',
  CS: 'REMOVED',
  DA: '19000101',
  DS: '0',
  DT: '19000101000000',
  FD: 0,
  FL: 0,
  IS: '0',
  LO: DUMMY,
  LT: DUMMY,
  OB: new Uint8Array(2),
  PN: DUMMY,
  SH: DUMMY,
  ST: DUMMY,
  TM: '000000',
  UC: DUMMY,
  UN: new Uint8Array(2),
  UR: 'urn:removed',
  US: 0,
  UT: DUMMY,
};

const textsOf = (value: unknown): readonly string[] =>
  valuesOf(value)
    .map(String)
    .filter((said) => said !== '');

/** As the writer takes what the reader gives: bytes as views, and what was written without its sign with it. */
function asWritten({ vr, value, dataset }: Element): unknown {
  const signed = vr === 'xs' && Number(dataset.PixelRepresentation) === 1;
  const values = valuesOf(value);
  if (values.every((v) => v === '')) return [];
  return values.map((v) => {
    if (v instanceof ArrayBuffer) return new Uint8Array(v);
    return signed && typeof v === 'number' && v > 0x7fff ? v - 0x10000 : v;
  });
}
