import type { ObjectKind } from '../../contracts.ts';
import { type Part10, text } from '../../dicom/read.ts';
import { readKeyObjects } from '../../results/key-objects.ts';
import { readPicture } from '../../results/picture.ts';
import { readSegmentation } from '../../results/segmentation.ts';
import { asFault } from '../../shared/fault.ts';
import type { Case } from '../contract/case.ts';
import type { InstanceUids } from '../outbox.ts';
import { storedMap } from '../pictures/stored-map.ts';
import type { Instances } from './instances.ts';
import { reportOf } from './report.ts';

/** An object of a result by the record of its analysis. */
export interface Listed {
  readonly kind: ObjectKind;
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly SeriesInstanceUID: string;
}

/** What the archive's index says of an instance. */
export interface Indexed {
  readonly SOPClassUID: string;
  /** Bytes of its pixels without compression. */
  readonly bytes: number;
}

/** Larger ones are read when they are shown. */
const READ_BYTES = 32 << 20;

/** Whether an object is in the archive, and can be read as what the record says it is. */
export async function stateOf(
  { kind, SOPClassUID, SOPInstanceUID, SeriesInstanceUID }: Listed,
  {
    StudyInstanceUID,
    instances,
    find,
  }: {
    readonly StudyInstanceUID: string;
    readonly instances: Instances;
    readonly find: (uids: InstanceUids) => Promise<Indexed | undefined>;
  },
): Promise<Case['objects'][number]> {
  const uids = { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID };
  const it = { kind, SOPInstanceUID };
  const indexed = await find(uids);
  if (!indexed) return { ...it, state: 'missing', words: 'The archive does not hold it.' };
  if (indexed.SOPClassUID !== SOPClassUID)
    return { ...it, state: 'unreadable', words: 'The archive holds another kind of object under its UID.' };
  if (indexed.bytes > READ_BYTES)
    return { ...it, state: 'valid', words: 'In the archive; its pixels are read when they are shown.' };
  try {
    return { ...it, state: 'valid', words: wordsOf(kind, await instances.read(uids)) };
  } catch (error) {
    const { code, detail } = asFault(error);
    if (code === 'NOT_FOUND') return { ...it, state: 'missing', words: 'The archive does not give it.' };
    if (code === 'ARCHIVE_UNREACHABLE' || code === 'ARCHIVE_REFUSED') throw error;
    return { ...it, state: 'unreadable', words: detail };
  }
}

/** Reads all of it but pixels that are compressed. */
function wordsOf(kind: ObjectKind, file: Part10): string {
  switch (kind) {
    case 'SR': {
      const { findings, library } = reportOf(file);
      return `${counted(findings.length, 'finding')} on ${counted(library.length, 'image')}.`;
    }
    case 'SEG':
    case 'LABELMAP': {
      const mask = readSegmentation(file);
      if (kind === 'SEG') mask.pixels(0);
      return `${counted(mask.segments.length, 'segment')}, ${counted(mask.frames, 'frame')} of ${mask.columns} × ${mask.rows}.`;
    }
    case 'PM':
    case 'MAP': {
      const map = storedMap(file);
      const [columns, rows] = [text(file.dataset, 'Columns'), text(file.dataset, 'Rows')];
      map?.sample();
      return `${text(file.dataset, 'DerivationDescription') ?? text(file.dataset, 'ContentDescription') ?? 'Map'}, ${columns} × ${rows}.`;
    }
    case 'SC': {
      const picture = readPicture(file);
      return `${counted(picture.frames, 'picture')} of ${picture.columns} × ${picture.rows}.`;
    }
    case 'KOS':
      return `${counted(readKeyObjects(file).images.length, 'key image')}.`;
    case 'PDF':
      return 'One page.';
  }
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
