import { type Part10, readPart10, text } from '../dicom/read.ts';
import { type KeyObjects, readKeyObjects } from './key-objects.ts';
import { type ParametricMap, readParametricMap } from './parametric-map.ts';
import { type Picture, readPicture } from './picture.ts';
import type { FrameDecoder } from './pixels.ts';
import { type Identity, identityOf, type Other } from './references.ts';
import { type Report, readReport } from './report.ts';
import { readSegmentation, type Segmentation } from './segmentation.ts';

type Kind = Segmentation | ParametricMap | Report | KeyObjects | Picture | Other;
export type Result = Kind & Identity;

/** Kinds of results by SOP class. Tolerant: Enhanced and Comprehensive SR are read as Comprehensive 3D SR is. */
const READERS: Readonly<Record<string, (file: Part10, decode?: FrameDecoder) => Kind>> = {
  '1.2.840.10008.5.1.4.1.1.66.4': readSegmentation,
  '1.2.840.10008.5.1.4.1.1.66.7': readSegmentation,
  '1.2.840.10008.5.1.4.1.1.30': readParametricMap,
  '1.2.840.10008.5.1.4.1.1.88.11': readReport,
  '1.2.840.10008.5.1.4.1.1.88.22': readReport,
  '1.2.840.10008.5.1.4.1.1.88.33': readReport,
  '1.2.840.10008.5.1.4.1.1.88.34': readReport,
  '1.2.840.10008.5.1.4.1.1.88.59': readKeyObjects,
  '1.2.840.10008.5.1.4.1.1.7': readPicture,
  '1.2.840.10008.5.1.4.1.1.7.2': readPicture,
  '1.2.840.10008.5.1.4.1.1.7.3': readPicture,
  '1.2.840.10008.5.1.4.1.1.7.4': readPicture,
};

/**
 * What a DICOM file says as a result of an analysis, ours or another's: segments with their masks, maps with their values, findings with their
 * measurements and places, key images, pictures. Tolerant: what is missing is left out and never guessed; another kind of object is `other`
 * with the reason. `decode` is needed for compressed pixels only. Throws DICOM_UNREADABLE and PIXELS_*.
 */
export function readResult(bytes: Uint8Array, decode?: FrameDecoder): Result {
  const file = readPart10(bytes);
  const SOPClassUID = text(file.dataset, 'SOPClassUID') ?? '';
  const read = READERS[SOPClassUID];
  const result: Kind = read?.(file, decode) ?? {
    kind: 'other',
    reason: `SOP class ${SOPClassUID} is no kind of result`,
  };
  return { ...identityOf(file.dataset), ...result };
}
