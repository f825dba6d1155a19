import dcmjs from 'dcmjs';
import { Fault } from '../shared/fault.ts';
import type { Code } from './code.ts';

/** Reading DICOM: one Part 10 file, and typed access to a dataset. Tolerant; what is absent is undefined. */

const { DicomMessage, DicomMetaDictionary } = dcmjs.data;
dcmjs.log.setLevel('silent');

/** A naturalized dataset: PS3.6 keywords to values. */
export type Dataset = Readonly<Record<string, unknown>>;

export interface Part10 {
  readonly TransferSyntaxUID: string;
  /** Without pixel data. */
  readonly dataset: Dataset;
  /** Decimal strings exactly as stored, trimmed; empty when absent. */
  decimals(keyword: 'ImagePositionPatient' | 'ImageOrientationPatient' | 'PixelSpacing'): readonly string[];
  /** Native: one item with all frames. Encapsulated: one item a frame. */
  readonly pixels: readonly Uint8Array[];
}

/** Tags by group and element of what is read in its stored form. */
const TAG = {
  TransferSyntaxUID: '00020010',
  PixelData: '7FE00010',
  ImagePositionPatient: '00200032',
  ImageOrientationPatient: '00200037',
  PixelSpacing: '00280030',
} as const;

/** Parses one Part 10 file. Throws DICOM_UNREADABLE. */
export function readPart10(bytes: Uint8Array): Part10 {
  try {
    const { meta, dict } = DicomMessage.readFile(ownBuffer(bytes));
    const { [TAG.PixelData]: pixelData, ...rest } = dict;
    const dataset: Record<string, unknown> = DicomMetaDictionary.naturalizeDataset(rest);
    delete dataset._vrMap;
    return {
      TransferSyntaxUID: String(meta[TAG.TransferSyntaxUID]?.Value?.[0] ?? ''),
      dataset,
      decimals: (keyword) => storedDecimals(rest[TAG[keyword]]),
      pixels: (pixelData?.Value ?? []).map((v: unknown) => bytesOf(v)),
    };
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('DICOM_UNREADABLE', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

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

/** The code of the first item of a code sequence; undefined when absent or incomplete. */
export function codeOf(dataset: Dataset, keyword: string): Code | undefined {
  const item = items(dataset, keyword)[0];
  const value =
    item && (text(item, 'CodeValue') ?? text(item, 'LongCodeValue') ?? text(item, 'URNCodeValue'));
  const scheme = item && text(item, 'CodingSchemeDesignator');
  return value && scheme ? { value, scheme, meaning: text(item, 'CodeMeaning') ?? value } : undefined;
}

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

const storedDecimals = (
  element: { Value?: unknown[]; _rawValue?: unknown } | undefined,
): readonly string[] => {
  const raw = element?._rawValue ?? element?.Value ?? [];
  return (Array.isArray(raw) ? raw : String(raw).split('\\')).map((v) => String(v).trim());
};

/** dcmjs reads a whole ArrayBuffer: give it one that holds nothing else. (`slice` of a Buffer would not copy.) */
const ownBuffer = (bytes: Uint8Array): ArrayBufferLike =>
  bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
    ? bytes.buffer
    : new Uint8Array(bytes).buffer;

const bytesOf = (value: unknown): Uint8Array => {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new Fault('DICOM_UNREADABLE', 'the pixel data is neither native nor encapsulated');
};
