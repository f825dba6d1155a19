import dcmjs, { type DcmjsDict, type DcmjsElement } from 'dcmjs';
import { Fault } from '../shared/fault.ts';
import { restoreStored, storedTexts } from './as-stored.ts';
import { textDecoder } from './charset.ts';
import type { Dataset } from './dataset.ts';
import { type Header, openFile, splitPixels } from './file.ts';
import { type PixelType, pixelItems } from './pixel-data.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, type Syntax, syntaxOf } from './syntax.ts';
import { withText } from './text-stream.ts';

const { DicomMessage, DicomMetaDictionary, ReadBufferStream } = dcmjs.data;
for (const log of [dcmjs.log, dcmjs.log.getLogger('validation.dcmjs')]) log.setLevel('silent');

/** Attributes of the image plane that are copied and not recomputed: their decimal strings count. */
export type PlaneKeyword = 'ImagePositionPatient' | 'ImageOrientationPatient' | 'PixelSpacing';

export interface Part10 {
  readonly TransferSyntaxUID: string;
  /** Without pixel data. */
  readonly dataset: Dataset;
  /**
   * Decimal strings exactly as stored, trimmed; empty when absent. Of a frame (from 0) of an enhanced image when its
   * functional groups say it, else of the image.
   */
  decimals(keyword: PlaneKeyword, frame?: number): readonly string[];
  /** Native: one item with all frames, little endian. Encapsulated: one item a frame. */
  readonly pixels: readonly Uint8Array[];
  /** Which attribute held the pixels; integers when it does not say. */
  readonly pixelType?: PixelType;
}

/**
 * Parses one Part 10 file. Pixels are views into `bytes` where they need no change; the rest is copied. Throws
 * DICOM_UNREADABLE and PIXELS_*.
 */
export function readPart10(bytes: Uint8Array): Part10 {
  const { TransferSyntaxUID, body } = openFile(bytes);
  const syntax = syntaxOf(TransferSyntaxUID);
  const { header, pixelData, offsets } = splitPixels(body, syntax);
  const dict = parseHeader(header, syntax);
  const dataset = { ...naturalized(dict), ...header.privates };
  return {
    TransferSyntaxUID,
    dataset,
    decimals: readerOf(planesOf(dict)),
    ...(pixelData
      ? pixelItems(body, pixelData, { syntax, dataset, offsets })
      : { pixels: [], pixelType: 'integer' }),
  };
}

/** The header as dcmjs's dictionary, its text in Unicode. */
function parseHeader({ chunks, charset }: Header, syntax: Syntax): DcmjsDict {
  const { explicit, bigEndian } = syntax;
  const uid = explicit ? (bigEndian ? EXPLICIT_BIG : EXPLICIT_LITTLE) : IMPLICIT_LITTLE;
  const bytes = Uint8Array.from(Buffer.concat(chunks));
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

const SPECIFIC_CHARACTER_SET = '00080005';
const SHARED_GROUPS = '52009229';
const PER_FRAME_GROUPS = '52009230';
/** The functional group that holds an attribute of the plane, and its tag (PS3.3 C.7.6.16.2). */
const PLANE: Readonly<Record<PlaneKeyword, readonly [group: string, tag: string]>> = {
  ImagePositionPatient: ['00209113', '00200032'],
  ImageOrientationPatient: ['00209116', '00200037'],
  PixelSpacing: ['00289110', '00280030'],
};

interface Decimals {
  /** By frame. */
  readonly own: readonly (readonly string[])[];
  readonly common: readonly string[];
}

function planesOf(dict: DcmjsDict): Readonly<Record<PlaneKeyword, Decimals>> {
  const groups = (dict[PER_FRAME_GROUPS]?.Value ?? []) as readonly DcmjsDict[];
  const shared = itemOf(dict, SHARED_GROUPS);
  const read = ([group, tag]: readonly [string, string]): Decimals => ({
    own: groups.map((frame) => storedDecimals(itemOf(frame, group)?.[tag])),
    common: storedDecimals(itemOf(shared, group)?.[tag] ?? dict[tag]),
  });
  return {
    ImagePositionPatient: read(PLANE.ImagePositionPatient),
    ImageOrientationPatient: read(PLANE.ImageOrientationPatient),
    PixelSpacing: read(PLANE.PixelSpacing),
  };
}

/** In a scope of its own: the dictionary, three times as large as the dataset, must not stay with it. */
function readerOf(planes: Readonly<Record<PlaneKeyword, Decimals>>): Part10['decimals'] {
  return (keyword, frame = 0) => {
    const { own, common } = planes[keyword];
    return own[frame]?.length ? own[frame] : common;
  };
}

/** First item of a sequence. */
const itemOf = (dict: DcmjsDict | undefined, sequence: string): DcmjsDict | undefined =>
  dict?.[sequence]?.Value?.[0] as DcmjsDict | undefined;

const storedDecimals = (element: DcmjsElement | undefined): readonly string[] =>
  element ? storedTexts(element).filter((v) => v !== '') : [];
