import { Fault } from '../shared/fault.ts';
import { attributeOf } from './dictionary.ts';
import { pixelElement } from './pixel-element.ts';
import { isPrivate, type PrivateValue, privateElements } from './private.ts';
import { Serial } from './serialise.ts';
import { EXPLICIT_LITTLE } from './syntax.ts';
import { deriveUid } from './uid.ts';
import { fitsMultiplicity, formatValues, Misfit } from './value.ts';

/**
 * A naturalized dataset to write: PS3.6 keyword → value, values or items. `undefined` is absent, `null` or `[]` empty. A key
 * `gggg,"CREATOR",ee` is a private attribute, its value a PrivateValue.
 */
export type Writable = Readonly<Record<string, unknown>>;

export interface WriteOptions {
  /** Explicit VR Little Endian when it does not say; else one whose pixels are encapsulated, compressed by the caller. */
  readonly TransferSyntaxUID?: string;
}

const IMPLEMENTATION_VERSION = 'PELLUCID_2';
const PREAMBLE = 128;
/** A dataset as a Part 10 file in one piece: what part10Of() gives, joined. */
export const writePart10 = (dataset: Writable, options: WriteOptions = {}): Uint8Array =>
  joined(part10Of(dataset, options));

/**
 * A dataset as a Part 10 file: Explicit VR Little Endian, ISO_IR 192, the same bytes for the same dataset. Every value is checked
 * against its VR and VM. The file comes in pieces, its head and then the pixels as they were given, of which nothing is copied: a
 * typed array, or several that follow each other; in an encapsulated syntax one a frame. Throws ENCODE_INVALID that names the
 * attribute and the rule, never the value.
 */
export function part10Of(
  dataset: Writable,
  { TransferSyntaxUID = EXPLICIT_LITTLE }: WriteOptions = {},
): readonly Uint8Array[] {
  const { PixelData, FloatPixelData, DoubleFloatPixelData, ...rest } = dataset;
  const meta = serialised(metaOf(dataset, TransferSyntaxUID));
  const head = serialised({ ...rest, SpecificCharacterSet: 'ISO_IR 192' });
  return [preamble(meta.length), meta, head, ...pixelElement(dataset, TransferSyntaxUID)];
}

/** Why this dataset cannot be written, or nothing when it can. */
export function problemOf(dataset: Writable): Fault | undefined {
  try {
    serialised(dataset);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
}

/** File Meta Information (PS3.10 §7.1) without its group length. */
const metaOf = (dataset: Writable, TransferSyntaxUID: string): Writable => ({
  FileMetaInformationVersion: new Uint8Array([0, 1]),
  MediaStorageSOPClassUID: dataset.SOPClassUID,
  MediaStorageSOPInstanceUID: dataset.SOPInstanceUID,
  TransferSyntaxUID,
  ImplementationClassUID: deriveUid('implementation', IMPLEMENTATION_VERSION),
  ImplementationVersionName: IMPLEMENTATION_VERSION,
});

/** The preamble, the prefix and the group length. */
function preamble(metaLength: number): Uint8Array {
  const length = new Serial();
  length.element(0x00020000, 'UL', [metaLength]);
  return Buffer.concat([Buffer.alloc(PREAMBLE), Buffer.from('DICM', 'latin1'), length.bytes]);
}

function serialised(dataset: Writable): Uint8Array {
  const serial = new Serial();
  try {
    writeItem(serial, dataset, Number(dataset.PixelRepresentation ?? 0));
  } catch (cause) {
    if (cause instanceof Misfit) throw new Fault('ENCODE_INVALID', cause.message);
    throw cause;
  }
  return serial.bytes;
}

/** Elements in the order of their tags. `signed` is the Pixel Representation of the dataset, which decides US or SS. */
function writeItem(serial: Serial, dataset: Writable, signed: number): void {
  for (const { tag, key, vr, vm, values } of elementsOf(dataset, signed)) {
    try {
      if (vr === 'SQ') writeSequence(serial, tag, { values, signed });
      else {
        if (values.length > 0 && !fitsMultiplicity(vm, values.length))
          throw new Misfit(`has ${values.length} values where ${vm} are allowed`);
        serial.element(tag, vr, formatValues(vr, values));
      }
    } catch (cause) {
      throw cause instanceof Misfit ? cause.at(key) : cause;
    }
  }
}

function writeSequence(
  serial: Serial,
  tag: number,
  { values, signed }: { values: readonly unknown[]; signed: number },
): void {
  const items = values.map((item) => {
    if (typeof item !== 'object' || item === null || ArrayBuffer.isView(item))
      throw new Misfit('has an item that is no dataset');
    return item as Writable;
  });
  serial.sequence(tag, items, (item, i) => {
    try {
      writeItem(serial, item, signed);
    } catch (cause) {
      throw cause instanceof Misfit ? cause.at(`[${i}]`) : cause;
    }
  });
}

interface WrittenElement {
  readonly tag: number;
  readonly key: string;
  readonly vr: string;
  readonly vm: string;
  readonly values: readonly unknown[];
}

function elementsOf(dataset: Writable, signed: number): WrittenElement[] {
  const elements: WrittenElement[] = [];
  const privates: [string, PrivateValue][] = [];
  for (const [key, value] of Object.entries(dataset)) {
    if (value === undefined) continue;
    const attribute = attributeOf(key);
    if (attribute) {
      const { tag, vm } = attribute;
      elements.push({ tag, key, vr: writtenVr(attribute.vr, signed), vm, values: valuesOf(value) });
    } else if (isPrivate(key)) privates.push([key, value as PrivateValue]);
    else throw new Misfit('is no keyword of PS3.6').at(key);
  }
  if (privates.length > 0) elements.push(...privateElements(privates).map((e) => ({ ...e, vm: '1-n' })));
  return elements.sort((a, b) => a.tag - b.tag);
}

/** The dictionary's open choices: US or SS (`xs`), OB or OW (`ox`, only LUTs and such here). */
const writtenVr = (vr: string, signed: number): string =>
  vr === 'xs' ? (signed === 1 ? 'SS' : 'US') : (OPEN_CHOICES[vr] ?? vr);
const OPEN_CHOICES: Readonly<Record<string, string>> = { ox: 'OW', lt: 'OW', up: 'UL' };

const valuesOf = (value: unknown): readonly unknown[] => {
  if (value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
};

/** The pieces of a file in one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
