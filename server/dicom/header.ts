import dcmjs, { type DcmjsDict } from 'dcmjs';
import { Fault } from '../shared/fault.ts';
import { restoreStored } from './as-stored.ts';
import { textDecoder } from './charset.ts';
import type { Dataset } from './dataset.ts';
import type { Header } from './file.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, type Syntax } from './syntax.ts';
import { withText } from './text-stream.ts';

const { DicomMessage, DicomMetaDictionary, ReadBufferStream } = dcmjs.data;
for (const log of [dcmjs.log, dcmjs.log.getLogger('validation.dcmjs')]) log.setLevel('silent');

const SPECIFIC_CHARACTER_SET = '00080005';

/** A header that has been parsed, and what it was parsed of. */
export interface ParsedHeader {
  /** By tag, its text in Unicode. */
  readonly dict: DcmjsDict;
  /** By keyword; private attributes are not among them. */
  readonly dataset: Dataset;
  readonly stored: Stored;
}

interface Stored {
  /**
   * Syntax, character sets, and the tags in their order: two headers must share it for the same bytes to mean the same. Empty when a
   * tag comes twice.
   */
  readonly context: string;
  /** The elements one after the other, and where each ends. */
  readonly bytes: Buffer;
  readonly ends: readonly number[];
}

/**
 * Parses a header. An element that has the same bytes as in `before`, the header of another instance of the series, is not parsed
 * again: slices differ in some ten of their hundreds of elements. Its value is then the same object in both. Throws DICOM_UNREADABLE.
 */
export function parseHeader(
  body: Uint8Array,
  header: Header,
  syntax: Syntax,
  before?: ParsedHeader,
): ParsedHeader {
  const stored = storedOf(body, header, syntax);
  const known = before && stored.context && before.stored.context === stored.context ? before : undefined;
  const dict = parsed(known ? changed(stored, known.stored) : stored.bytes, syntax, header.charset);
  return {
    dict: { ...known?.dict, ...dict },
    dataset: { ...known?.dataset, ...naturalized(dict) },
    stored,
  };
}

function storedOf(body: Uint8Array, { elements, charset }: Header, syntax: Syntax): Stored {
  const pieces: Uint8Array[] = [];
  const ends: number[] = [];
  let length = 0;
  for (const { at, end } of elements) {
    pieces.push(body.subarray(at, end));
    length += end - at;
    ends.push(length);
  }
  const { explicit, bigEndian } = syntax;
  const tags = elements.map(({ tag }) => tag);
  return {
    context: new Set(tags).size < tags.length ? '' : JSON.stringify([explicit, bigEndian, charset, tags]),
    bytes: Buffer.concat(pieces, length),
    ends,
  };
}

/** The elements of `now` that are not as they were, one after the other. */
function changed(now: Stored, before: Stored): Buffer {
  const pieces: Buffer[] = [];
  let [from, old] = [0, 0];
  for (const [i, to] of now.ends.entries()) {
    const oldEnd = before.ends[i] as number;
    if (now.bytes.compare(before.bytes, old, oldEnd, from, to) !== 0)
      pieces.push(now.bytes.subarray(from, to));
    [from, old] = [to, oldEnd];
  }
  return Buffer.concat(pieces);
}

function parsed(elements: Buffer, syntax: Syntax, charset: readonly string[]): DcmjsDict {
  const { explicit, bigEndian } = syntax;
  const uid = explicit ? (bigEndian ? EXPLICIT_BIG : EXPLICIT_LITTLE) : IMPLICIT_LITTLE;
  const bytes = Uint8Array.from(elements);
  const stream = withText(new ReadBufferStream(bytes.buffer, !bigEndian), syntax, textDecoder(charset));
  try {
    const dict = DicomMessage._read(stream, uid);
    restoreStored(dict);
    return { ...dict, [SPECIFIC_CHARACTER_SET]: { vr: 'CS', Value: ['ISO_IR 192'] } };
  } catch (cause) {
    throw new Fault('DICOM_UNREADABLE', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function naturalized(dict: DcmjsDict): Dataset {
  const dataset: Record<string, unknown> = DicomMetaDictionary.naturalizeDataset(dict);
  delete dataset._vrMap;
  return dataset;
}
