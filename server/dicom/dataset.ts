import { Fault } from '../shared/fault.ts';
import type { Code } from './code.ts';

/** Typed access to a dataset. Tolerant; what is absent is undefined. */

/** A naturalized dataset: PS3.6 keywords to values. */
export type Dataset = Readonly<Record<string, unknown>>;

/** One string, trimmed; undefined when absent or empty. Of several values the first. */
export function text(dataset: Dataset, keyword: string): string | undefined {
  const value = first(dataset[keyword]);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const trimmed = String(value).trim();
  return trimmed === '' ? undefined : trimmed;
}

/** One finite number; undefined when absent or not a number. */
export function number(dataset: Dataset, keyword: string): number | undefined {
  const value = text(dataset, keyword);
  if (value === undefined) return undefined;
  const n = Number(value);
  return Number.isFinite(n) ? n : undefined;
}

/** One finite number; undefined when absent. Throws DICOM_UNREADABLE when it is there and is no number. */
export function plainNumber(dataset: Dataset, keyword: string): number | undefined {
  const value = number(dataset, keyword);
  if (value === undefined && text(dataset, keyword) !== undefined) {
    throw new Fault('DICOM_UNREADABLE', `${keyword} is not a number`);
  }
  return value;
}

/** All values as strings, trimmed, without empty ones. */
export function texts(dataset: Dataset, keyword: string): readonly string[] {
  const value = dataset[keyword];
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return list
    .filter((v) => typeof v === 'string' || typeof v === 'number')
    .map((v) => String(v).trim())
    .filter((v) => v !== '');
}

/** Items of a sequence; empty when absent. */
export function items(dataset: Dataset, keyword: string): readonly Dataset[] {
  const value = dataset[keyword];
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.filter((v): v is Dataset => typeof v === 'object' && v !== null);
}

/** A functional group of a frame (from 0) of an enhanced image, its own or the shared one (PS3.3 C.7.6.16.1.1). */
export function functionalGroup(dataset: Dataset, frame: number, keyword: string): Dataset | undefined {
  const own = items(dataset, 'PerFrameFunctionalGroupsSequence')[frame];
  const shared = items(dataset, 'SharedFunctionalGroupsSequence')[0];
  return (own && items(own, keyword)[0]) ?? (shared && items(shared, keyword)[0]);
}

/** The code of the first item of a code sequence; undefined when absent or incomplete. */
export const codeOf = (dataset: Dataset, keyword: string): Code | undefined =>
  codeIn(items(dataset, keyword)[0] ?? {});

/** Every code of a code sequence; items without one are left out. */
export const codesOf = (dataset: Dataset, keyword: string): readonly Code[] =>
  items(dataset, keyword).flatMap((item) => codeIn(item) ?? []);

function codeIn(item: Dataset): Code | undefined {
  const value = text(item, 'CodeValue') ?? text(item, 'LongCodeValue') ?? text(item, 'URNCodeValue');
  const scheme = text(item, 'CodingSchemeDesignator');
  return value && scheme ? { value, scheme, meaning: text(item, 'CodeMeaning') ?? value } : undefined;
}

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
