import type { DcmjsDict, DcmjsElement } from 'dcmjs';
import { storedTexts } from './as-stored.ts';
import type { Dataset } from './dataset.ts';
import { openFile, splitPixels } from './file.ts';
import { type ParsedHeader, parseHeader } from './header.ts';
import { type PixelType, pixelItems } from './pixel-data.ts';
import { syntaxOf } from './syntax.ts';

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
  return seriesReader()(bytes);
}

/** `readPart10` for the instances of a series, one after the other: what they have in common is parsed once and shared. */
export function seriesReader(): (bytes: Uint8Array) => Part10 {
  let before: ParsedHeader | undefined;
  return (bytes) => {
    const { TransferSyntaxUID, body } = openFile(bytes);
    const syntax = syntaxOf(TransferSyntaxUID);
    const { header, pixelData, offsets } = splitPixels(body, syntax);
    before = parseHeader(body, header, syntax, before);
    const dataset = { ...before.dataset, ...header.privates };
    return {
      TransferSyntaxUID,
      dataset,
      decimals: readerOf(planesOf(before.dict)),
      ...(pixelData
        ? pixelItems(body, pixelData, { syntax, dataset, offsets })
        : { pixels: [], pixelType: 'integer' }),
    };
  };
}

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
