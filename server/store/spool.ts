import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type DicomObject, OBJECT_KINDS } from '../contracts.ts';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { sha256, sha256OfPieces } from '../shared/digest.ts';

/**
 * Finished objects wait here until the archive confirms them, so that an archive that is down costs no second inference.
 * One folder an analysis; the manifest is written last and by renaming, so a half-written spool is no spool.
 */
const Manifest = z.strictObject({
  summary: z.unknown(),
  objects: z.array(
    z.strictObject({
      kind: z.enum(OBJECT_KINDS),
      SOPClassUID: z.string(),
      SOPInstanceUID: z.string(),
      SeriesInstanceUID: z.string(),
      StudyInstanceUID,
      sha256: z.string(),
    }),
  ),
});

export interface Spooled {
  readonly objects: readonly DicomObject[];
  /** Whatever the writer wants to find again; JSON. */
  readonly summary: unknown;
}

export async function writeSpool(folder: string, { objects, summary }: Spooled): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const object of objects) await writeFile(fileOf(folder, object.SOPInstanceUID), object.parts);
  const manifest = {
    summary,
    objects: objects.map(
      ({ kind, SOPClassUID, SOPInstanceUID, SeriesInstanceUID, StudyInstanceUID, parts }) => ({
        kind,
        SOPClassUID,
        SOPInstanceUID,
        SeriesInstanceUID,
        StudyInstanceUID,
        sha256: sha256OfPieces(parts),
      }),
    ),
  };
  const draft = join(folder, 'manifest.draft');
  await writeFile(draft, JSON.stringify(manifest));
  await rename(draft, join(folder, 'manifest.json'));
}

/** What was spooled, or undefined when it is absent, incomplete or damaged: then the work is done again. */
export async function readSpool(folder: string): Promise<Spooled | undefined> {
  try {
    const manifest = Manifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
    const objects: DicomObject[] = [];
    for (const { sha256: digest, ...facts } of manifest.objects) {
      const bytes = await readFile(fileOf(folder, facts.SOPInstanceUID));
      if (sha256(bytes) !== digest) return undefined;
      objects.push({ ...facts, bytes, parts: [bytes] });
    }
    return { objects, summary: manifest.summary };
  } catch {
    return undefined;
  }
}

export const removeSpool = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

const fileOf = (folder: string, SOPInstanceUID: string): string => join(folder, `${SOPInstanceUID}.dcm`);
