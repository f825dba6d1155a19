import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type DicomObject, OBJECT_KINDS } from '../contracts.ts';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { joined } from '../dicom/write.ts';
import { sha256OfPieces } from '../shared/digest.ts';
import { writePieces } from './write-pieces.ts';

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
  for (const object of objects) await writePieces(fileOf(folder, object.SOPInstanceUID), object.parts);
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

/** A file is read in pieces of so many bytes: readFile refuses one above 2 GiB. */
const PIECE_BYTES = 64 << 20;

/** What was spooled, or undefined when it is absent, incomplete or damaged: then the work is done again. */
export async function readSpool(folder: string, pieceBytes = PIECE_BYTES): Promise<Spooled | undefined> {
  try {
    const manifest = Manifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
    const objects: DicomObject[] = [];
    for (const { sha256: digest, ...facts } of manifest.objects) {
      const parts = await piecesOf(fileOf(folder, facts.SOPInstanceUID), pieceBytes);
      if (sha256OfPieces(parts) !== digest) return undefined;
      objects.push({
        ...facts,
        parts,
        get bytes() {
          return joined(parts);
        },
      });
    }
    return { objects, summary: manifest.summary };
  } catch {
    return undefined;
  }
}

async function piecesOf(file: string, pieceBytes: number): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of createReadStream(file, { highWaterMark: pieceBytes })) pieces.push(piece);
  return pieces;
}

export const removeSpool = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

const fileOf = (folder: string, SOPInstanceUID: string): string => join(folder, `${SOPInstanceUID}.dcm`);
