import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Storable } from '../contracts.ts';
import { sha256OfFile, sha256OfPieces } from '../shared/digest.ts';
import { asFault, Fault } from '../shared/fault.ts';
import type { Origin } from '../shared/http.ts';
import { store } from './index.ts';
import { sendToModality } from './modality.ts';
import { writePieces } from './write-pieces.ts';

/** Where results go beside the archive that the images came from. */
export type Target =
  | { readonly kind: 'dicomweb'; readonly archive: Origin; readonly path: string }
  /** An archive without DICOMweb: by C-STORE from the Orthanc that holds the objects already. */
  | { readonly kind: 'modality'; readonly orthanc: Origin; readonly modality: string }
  | { readonly kind: 'folder'; readonly folder: string };

/**
 * Stores the objects in every target. Each is tried whatever becomes of the others; those that failed are then named in one fault, the first's,
 * which may be retried when any may. Idempotent, so a retry completes only what is absent. Throws STORE_* and ARCHIVE_*.
 */
export async function storeInAll(targets: readonly Target[], objects: readonly Storable[]): Promise<void> {
  const failed: { target: Target; fault: Fault }[] = [];
  for (const target of targets) {
    try {
      await storeIn(target, objects);
    } catch (thrown) {
      failed.push({ target, fault: asFault(thrown) });
    }
  }
  const first = failed.find(({ fault }) => fault.spec.retry) ?? failed[0];
  if (first)
    throw new Fault(
      first.fault.code,
      failed.map(({ target, fault }) => `${nameOf(target)}: ${fault.code}: ${fault.detail}`).join('; '),
      { cause: first.fault },
    );
}

function storeIn(target: Target, objects: readonly Storable[]): Promise<void> {
  switch (target.kind) {
    case 'dicomweb':
      return store(target.archive, target.path, objects);
    case 'modality':
      return sendToModality(target.orthanc, target.modality, objects);
    case 'folder':
      return writeToFolder(target.folder, objects);
  }
}

const nameOf = (target: Target): string => {
  if (target.kind === 'dicomweb') return target.archive.url;
  return target.kind === 'modality' ? `modality ${target.modality}` : target.folder;
};

/** `<folder>/<study>/<instance>.dcm`, each under its name only when it is whole. What is there already is compared, not written. */
async function writeToFolder(folder: string, objects: readonly Storable[]): Promise<void> {
  for (const { StudyInstanceUID, SOPInstanceUID, parts } of objects) {
    const place = join(folder, StudyInstanceUID);
    const file = join(place, `${SOPInstanceUID}.dcm`);
    try {
      if (await isThere(file, sha256OfPieces(parts))) continue;
      await mkdir(place, { recursive: true });
      await writePieces(`${file}.part`, parts);
      await rename(`${file}.part`, file);
    } catch (cause) {
      throw new Fault('ARCHIVE_UNREACHABLE', `${file}: ${(cause as NodeJS.ErrnoException).code}`, { cause });
    }
  }
}

async function isThere(file: string, digest: string): Promise<boolean> {
  try {
    return (await sha256OfFile(file)) === digest;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
}
