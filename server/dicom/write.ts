import dcmjs, { type DcmjsDict, type DcmjsElement } from 'dcmjs';
import { Fault } from '../shared/fault.ts';
import { deriveUid } from './uid.ts';
import { fitsMultiplicity, formatValues, Misfit } from './value.ts';

/** A naturalized dataset to write: PS3.6 keyword → value, values or items. `undefined` is absent, `null` or `[]` empty. */
export type Writable = Readonly<Record<string, unknown>>;

const { DicomDict, DicomMetaDictionary } = dcmjs.data;
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const IMPLEMENTATION_VERSION = 'PELLUCID_1';
/** The bulk attributes, which come last in a dataset, with their tags and VRs. */
const BULK = {
  FloatPixelData: { element: 0x0008, vr: 'OF' },
  DoubleFloatPixelData: { element: 0x0009, vr: 'OD' },
  PixelData: { element: 0x0010, vr: 'OB' },
} as const;

/**
 * A dataset as a Part 10 file: Explicit VR Little Endian, ISO_IR 192, the same bytes for the same dataset. Every value is
 * checked against its VR and VM before dcmjs sees it; `PixelData` or `FloatPixelData` may be a typed array of any size below
 * 4 GiB and is copied once. Throws ENCODE_INVALID that names the attribute and the rule, never the value.
 */
export function writePart10(dataset: Writable): Uint8Array {
  const { PixelData, FloatPixelData, DoubleFloatPixelData, ...rest } = dataset;
  const head = new DicomDict(fileMeta(dataset));
  head.dict = elements(
    { ...rest, SpecificCharacterSet: 'ISO_IR 192' },
    Number(dataset.PixelRepresentation ?? 0),
  );
  const bulk = Object.entries({ FloatPixelData, DoubleFloatPixelData, PixelData }).filter(
    ([, v]) => v !== undefined,
  );
  if (bulk.length > 1) throw invalid('PixelData', 'only one kind of pixel data may be present');
  return append(new Uint8Array(head.write()), bulk[0], Number(dataset.BitsAllocated));
}

/** Why this dataset cannot be written, or nothing when it can. */
export function problemOf(dataset: Writable): Fault | undefined {
  try {
    elements(dataset, Number(dataset.PixelRepresentation ?? 0));
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
}

/** Is this a keyword of PS3.6? */
export const isKeyword = (keyword: string): boolean => DicomMetaDictionary.nameMap[keyword] !== undefined;

/** Group 0002 (PS3.10 §7.1); dcmjs adds the group length. */
function fileMeta(dataset: Writable): DcmjsDict {
  return elements(
    {
      FileMetaInformationVersion: new Uint8Array([0, 1]),
      MediaStorageSOPClassUID: dataset.SOPClassUID,
      MediaStorageSOPInstanceUID: dataset.SOPInstanceUID,
      TransferSyntaxUID: EXPLICIT_LITTLE_ENDIAN,
      ImplementationClassUID: deriveUid('implementation', IMPLEMENTATION_VERSION),
      ImplementationVersionName: IMPLEMENTATION_VERSION,
    },
    0,
  );
}

/** The dataset by tag. `signed` is its Pixel Representation, which decides US or SS; `path` names the sequence item. */
function elements(dataset: Writable, signed: number, path = ''): DcmjsDict {
  const dict: DcmjsDict = {};
  for (const [keyword, value] of Object.entries(dataset)) {
    if (value === undefined) continue;
    const entry = DicomMetaDictionary.nameMap[keyword];
    if (!entry) throw invalid(path + keyword, 'is no keyword of PS3.6');
    const tag = entry.tag.replace(/[(),]/g, '');
    const vr = writtenVr(entry.vr, signed);
    const values = valuesOf(value);
    dict[tag] =
      vr === 'SQ' ? sequence(values, signed, path + keyword) : leaf(vr, values, entry.vm, path + keyword);
  }
  return dict;
}

function leaf(vr: string, values: readonly unknown[], vm: string, name: string): DcmjsElement {
  try {
    if (values.length > 0 && !fitsMultiplicity(vm, values.length))
      throw new Misfit(`has ${values.length} values where ${vm} are allowed`);
    return { vr, Value: formatValues(vr, values) };
  } catch (cause) {
    if (cause instanceof Misfit) throw invalid(name, cause.message);
    throw cause;
  }
}

const sequence = (items: readonly unknown[], signed: number, name: string): DcmjsElement => ({
  vr: 'SQ',
  Value: items.map((item, i) => {
    if (typeof item !== 'object' || item === null) throw invalid(name, 'has an item that is no dataset');
    return elements({ ...item }, signed, `${name}[${i}].`);
  }),
});

/** The dictionary's open choices: US or SS (`xs`), OB or OW (`ox`, only LUTs and such here), UC and UR by older names. */
const writtenVr = (vr: string, signed: number): string =>
  ({ xs: signed === 1 ? 'SS' : 'US', ox: 'OW', lt: 'OW', up: 'UL' })[vr] ?? vr;

const valuesOf = (value: unknown): readonly unknown[] => {
  if (value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
};

/** The file with its bulk element at the end, in one allocation: dcmjs would hold several copies of it. */
function append(head: Uint8Array, bulk: [string, unknown] | undefined, bitsAllocated: number): Uint8Array {
  if (!bulk) return head;
  const [keyword, value] = bulk;
  const { element, vr } = BULK[keyword as keyof typeof BULK];
  if (!ArrayBuffer.isView(value)) throw invalid(keyword, 'is not a typed array');
  const length = value.byteLength + (value.byteLength % 2);
  if (length > 0xfffffffe) throw invalid(keyword, 'is 4 GiB or larger');
  const file = new Uint8Array(head.length + 12 + length);
  file.set(head);
  const view = new DataView(file.buffer, head.length);
  view.setUint16(0, 0x7fe0, true);
  view.setUint16(2, element, true);
  file.set(Buffer.from(vr === 'OB' && bitsAllocated > 8 ? 'OW' : vr, 'latin1'), head.length + 4);
  view.setUint32(8, length, true);
  file.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), head.length + 12);
  return file;
}

const invalid = (name: string, rule: string): Fault => new Fault('ENCODE_INVALID', `${name}: ${rule}`);
