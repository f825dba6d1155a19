import { z } from 'zod';
import type { Storable } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import { getJson, type Origin } from '../shared/http.ts';
import { type DicomWeb, type Refusal, stow } from './stow.ts';

/** Orthanc keeps more than three times a request in memory: one request holds no more than this, or one object. */
const REQUEST_BYTES = 64 << 20;

/**
 * Stores the objects in the archive and confirms each by QIDO-RS. Idempotent: equal UID means equal bytes, so what is there
 * already is not sent again, and a retry completes what a crash cut off. Throws STORE_REFUSED, STORE_UNCONFIRMED, ARCHIVE_UNREACHABLE.
 */
export async function store(
  archive: Origin,
  dicomWebPath: string,
  objects: readonly Storable[],
): Promise<void> {
  const web = { archive, path: dicomWebPath };
  const refusals: Refusal[] = [];
  for (const batch of batches(await absentFrom(web, objects))) refusals.push(...(await stow(web, batch)));
  const missing = await absentFrom(web, objects);
  const refused = refusals.filter((r) => missing.includes(r.object));
  if (refused.length > 0)
    throw new Fault('STORE_REFUSED', refused.map((r) => `${name(r.object)}: ${r.reason}`).join('; '));
  throwUnconfirmed(missing);
}

/** Throws STORE_UNCONFIRMED unless the archive lists every object. */
export async function confirm(
  archive: Origin,
  dicomWebPath: string,
  objects: readonly Storable[],
): Promise<void> {
  throwUnconfirmed(await absentFrom({ archive, path: dicomWebPath }, objects));
}

const Instances = z.array(z.object({ '00080018': z.object({ Value: z.array(z.string()) }) }));

/**
 * The objects that QIDO-RS does not list. Asked within each series, and the answer is compared: servers ignore keys that they do not
 * know and then list everything.
 */
async function absentFrom({ archive, path }: DicomWeb, objects: readonly Storable[]): Promise<Storable[]> {
  const listed = await Promise.all(
    objects.map(async ({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }) => {
      const query = `${path}/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances?SOPInstanceUID=${SOPInstanceUID}`;
      const answer = await getJson(archive, query, 'application/dicom+json');
      const found = Instances.safeParse(answer ?? []);
      if (!found.success) throw new Fault('ARCHIVE_REFUSED', 'QIDO-RS answered without SOP Instance UIDs');
      return found.data.some((instance) => instance['00080018'].Value.includes(SOPInstanceUID));
    }),
  );
  return objects.filter((_, i) => !listed[i]);
}

/** Objects of one study, in their order, in requests of at most REQUEST_BYTES; a larger object goes alone. */
function* batches(objects: readonly Storable[]): Generator<readonly Storable[]> {
  let batch: Storable[] = [];
  let size = 0;
  for (const object of objects) {
    const fits =
      size + sizeOf(object) <= REQUEST_BYTES && batch[0]?.StudyInstanceUID === object.StudyInstanceUID;
    if (batch.length > 0 && !fits) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(object);
    size += sizeOf(object);
  }
  if (batch.length > 0) yield batch;
}

const sizeOf = ({ parts }: Storable): number => parts.reduce((sum, part) => sum + part.length, 0);

function throwUnconfirmed(missing: readonly Storable[]): void {
  if (missing.length > 0)
    throw new Fault('STORE_UNCONFIRMED', `QIDO-RS does not list ${missing.map(name).join(', ')}`);
}

const name = (object: Storable): string => `${object.kind} ${object.SOPInstanceUID}`;
