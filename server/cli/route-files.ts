import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, readPart10, text } from '../dicom/read.ts';
import { type Attributes, attributesOf } from '../route/attributes.ts';
import { Fault } from '../shared/fault.ts';
import { holdsImages } from '../wiring/rule-tester.ts';

type Series = ReadonlyMap<string, Attributes>;

/**
 * What is known of the series of images in a DICOM file, or in all of a folder whatever their names, by study. Of one file it is not known how many
 * images its series has. Throws REQUEST_INVALID.
 */
export async function studiesInFiles(path: string): Promise<ReadonlyMap<string, Series>> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${path} is neither a UID nor a file`, { cause });
  });
  const images = new Map<string, Dataset[]>();
  for (const file of found.isDirectory() ? await dicomIn(path) : [path]) {
    const { PixelData: _, ...header } = readPart10(await readFile(file)).dataset;
    const series = text(header, 'SeriesInstanceUID');
    // A DICOMDIR has none.
    if (series !== undefined) images.set(series, [...(images.get(series) ?? []), header]);
  }
  const studies = new Map<string, Map<string, Attributes>>();
  for (const [uid, all] of images) {
    const first = firstOf(all);
    const attributes = attributesOf(first, all);
    if (!holdsImages(attributes)) continue;
    const { NumberOfSeriesRelatedInstances: _, ...uncounted } = attributes;
    const study = text(first, 'StudyInstanceUID') ?? '';
    const series = studies.get(study) ?? new Map<string, Attributes>();
    studies.set(study, series.set(uid, found.isDirectory() ? attributes : uncounted));
  }
  if (studies.size === 0) throw new Fault('REQUEST_INVALID', `${path} holds no DICOM image`);
  return studies;
}

const firstOf = (images: readonly Dataset[]): Dataset =>
  images.toSorted((a, b) =>
    (text(a, 'SOPInstanceUID') ?? '') < (text(b, 'SOPInstanceUID') ?? '') ? -1 : 1,
  )[0] ?? {};

/** The files of a folder, and of those in it, that begin as DICOM files do (PS3.10 §7.1). */
async function dicomIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await isDicom(path))) found.push(path);
  }
  return found;
}

async function isDicom(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 128);
    return buffer.toString('latin1') === 'DICM';
  } finally {
    await file.close();
  }
}
