import { z } from 'zod';
import type { Storable } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import { call, type Origin } from '../shared/http.ts';

const Found = z.array(z.object({ Type: z.string(), ID: z.string() }));
const Sent = z.object({ FailedInstancesCount: z.coerce.number().optional() });

/**
 * Sends objects that an Orthanc holds to one of its modalities by C-STORE (PS3.4 annex B), one association each, so that a refusal has a name. Sending
 * again is harmless: equal UID means equal bytes. Throws STORE_REFUSED with every object that was refused, STORE_UNCONFIRMED when
 * Orthanc does not hold one, ARCHIVE_UNREACHABLE.
 */
export async function sendToModality(
  orthanc: Origin,
  modality: string,
  objects: readonly Storable[],
): Promise<void> {
  const refused: string[] = [];
  for (const object of objects) {
    const id = await idOf(orthanc, object);
    const answer = await call(orthanc, `/modalities/${encodeURIComponent(modality)}/store`, {
      method: 'POST',
      body: JSON.stringify({ Resources: [id], Synchronous: true }),
    });
    const said = await answer.body.text();
    if (answer.status === 404) throw new Fault('ARCHIVE_REFUSED', `Orthanc knows no modality ${modality}`);
    // Orthanc answers 500 alike when nobody listens and when the other side refuses: an echo tells them apart.
    if (answer.status !== 200) {
      await assertListens(orthanc, modality);
      refused.push(`${object.kind} ${object.SOPInstanceUID}: ${reasonOf(said)}`);
    } else if ((Sent.parse(JSON.parse(said)).FailedInstancesCount ?? 0) > 0)
      refused.push(`${object.kind} ${object.SOPInstanceUID}: C-STORE failed`);
  }
  if (refused.length > 0) throw new Fault('STORE_REFUSED', refused.join('; '));
}

async function idOf(orthanc: Origin, { kind, SOPInstanceUID }: Storable): Promise<string> {
  const answer = await call(orthanc, '/tools/lookup', { method: 'POST', body: SOPInstanceUID });
  const found = Found.parse(await answer.body.json()).find((f) => f.Type === 'Instance');
  if (!found) throw new Fault('STORE_UNCONFIRMED', `Orthanc does not hold ${kind} ${SOPInstanceUID}`);
  return found.ID;
}

async function assertListens(orthanc: Origin, modality: string): Promise<void> {
  const echo = await call(orthanc, `/modalities/${encodeURIComponent(modality)}/echo`, {
    method: 'POST',
    body: '{}',
  });
  await echo.body.dump();
  if (echo.status !== 200)
    throw new Fault('ARCHIVE_UNREACHABLE', `modality ${modality} does not answer C-ECHO`);
}

const reasonOf = (said: string): string => {
  try {
    const { Details, Message } = JSON.parse(said) as { Details?: string; Message?: string };
    return Details ?? Message ?? 'refused';
  } catch {
    return 'refused';
  }
};
