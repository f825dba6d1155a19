import type { Code } from '../dicom/code.ts';
import {
  codeOf,
  codesOf,
  type Dataset,
  functionalGroup,
  items,
  number,
  type Part10,
  text,
  texts,
} from '../dicom/read.ts';
import { sideOf } from './content.ts';
import { type FrameDecoder, type FrameValues, frameValues, type Grid, gridOf } from './pixels.ts';
import { type Reference, sourceOf } from './references.ts';

export interface Segment {
  readonly number: number;
  readonly label: string;
  readonly category?: Code;
  readonly type?: Code;
  readonly site?: Code;
  /** The side of the site, or of the type. */
  readonly laterality?: Code;
  /** AUTOMATIC, SEMIAUTOMATIC or MANUAL. */
  readonly algorithmType?: string;
  readonly algorithm?: string;
  readonly tracking?: { readonly identifier?: string; readonly uid?: string };
}

export interface SegmentationFrame {
  /** Which segment the frame shows; absent in a label map, whose values say it. */
  readonly segment?: number;
  readonly source?: Reference;
  /** LPS, mm, of the first pixel. */
  readonly position?: readonly number[];
}

export interface Segmentation extends Grid {
  readonly kind: 'segmentation';
  readonly encoding: 'BINARY' | 'FRACTIONAL' | 'LABELMAP';
  /** Without the background of a label map. */
  readonly segments: readonly Segment[];
  readonly frameList: readonly SegmentationFrame[];
  /** BINARY: 0 and 1. LABELMAP: segment numbers. FRACTIONAL: shares from 0 to 1. */
  pixels(frame: number): FrameValues;
}

/** Segmentation and Label Map Segmentation (PS3.3 A.51, C.8.20), also tiled ones, whose tiles are frames here. */
export function readSegmentation(file: Part10, decode?: FrameDecoder): Segmentation {
  const { dataset } = file;
  const grid = gridOf(file);
  const encoding = encodingOf(dataset);
  const listed = items(dataset, 'SegmentSequence').map(segmentOf);
  const greatest = number(dataset, 'MaximumFractionalValue') ?? 255;
  return {
    kind: 'segmentation',
    ...grid,
    encoding,
    segments: listed.filter((s) => s.number > 0),
    frameList: Array.from({ length: grid.frames }, (_, i) =>
      frameOf(file, i, encoding === 'LABELMAP' ? undefined : segmentAt(dataset, i, grid)),
    ),
    pixels(frame) {
      const values = frameValues(file, frame, decode);
      return encoding === 'FRACTIONAL' && !isBits(dataset)
        ? Float32Array.from(values, (v) => v / greatest)
        : values;
    },
  };
}

const isBits = (dataset: Dataset): boolean => number(dataset, 'BitsAllocated') === 1;

function encodingOf(dataset: Dataset): Segmentation['encoding'] {
  const type = text(dataset, 'SegmentationType');
  return type === 'FRACTIONAL' || type === 'LABELMAP' ? type : 'BINARY';
}

function segmentOf(item: Dataset): Segment {
  const identifier = text(item, 'TrackingID');
  const uid = text(item, 'TrackingUID');
  return {
    number: number(item, 'SegmentNumber') ?? 0,
    label: text(item, 'SegmentLabel') ?? '',
    ...given('category', codeOf(item, 'SegmentedPropertyCategoryCodeSequence')),
    ...given('type', codeOf(item, 'SegmentedPropertyTypeCodeSequence')),
    ...given('site', codeOf(item, 'AnatomicRegionSequence')),
    ...given('laterality', lateralityOf(item)),
    ...given('algorithmType', text(item, 'SegmentAlgorithmType')),
    ...given('algorithm', text(item, 'SegmentAlgorithmName')),
    ...(identifier || uid ? { tracking: { ...given('identifier', identifier), ...given('uid', uid) } } : {}),
  };
}

const lateralityOf = (segment: Dataset): Code | undefined =>
  sideOf([
    ...items(segment, 'AnatomicRegionSequence').flatMap((c) => codesOf(c, 'AnatomicRegionModifierSequence')),
    ...items(segment, 'SegmentedPropertyTypeCodeSequence').flatMap((c) =>
      codesOf(c, 'SegmentedPropertyTypeModifierCodeSequence'),
    ),
  ]);

/** By its functional group; in TILED_FULL by its place: all tiles of a segment follow each other (PS3.3 C.7.6.17.3). */
function segmentAt(dataset: Dataset, frame: number, { frames }: Grid): number | undefined {
  const group = functionalGroup(dataset, frame, 'SegmentIdentificationSequence');
  const said = group && number(group, 'ReferencedSegmentNumber');
  if (said !== undefined) return said;
  const segments = items(dataset, 'SegmentSequence');
  const tiles = frames / segments.length;
  const own = segments[Math.floor(frame / tiles)];
  return own && (segments.length === 1 || text(dataset, 'DimensionOrganizationType') === 'TILED_FULL')
    ? number(own, 'SegmentNumber')
    : undefined;
}

function frameOf({ dataset }: Part10, frame: number, segment: number | undefined): SegmentationFrame {
  const derivation = functionalGroup(dataset, frame, 'DerivationImageSequence');
  const source = derivation && sourceOf({ DerivationImageSequence: derivation });
  const plane = functionalGroup(dataset, frame, 'PlanePositionSequence');
  const position = plane && texts(plane, 'ImagePositionPatient').map(Number);
  return {
    ...given('segment', segment),
    ...given('source', source),
    ...(position?.length === 3 ? { position } : {}),
  };
}

const given = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
