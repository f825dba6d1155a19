import { z } from 'zod';
import type { Storable } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import { call, type Origin } from '../shared/http.ts';
import { multipart } from './multipart.ts';

/** Why the archive did not take an object, in words for the operator. */
export interface Refusal {
  readonly object: Storable;
  readonly reason: string;
}

/** The archive's address for DICOMweb. */
export interface DicomWeb {
  readonly archive: Origin;
  readonly path: string;
}

const text = z.object({ Value: z.array(z.string()).optional() }).optional();
const sequence = z
  .object({
    Value: z
      .array(
        z.object({
          '00081155': text,
          '00081197': z.object({ Value: z.array(z.number()).optional() }).optional(),
        }),
      )
      .optional(),
  })
  .optional();
/** Store Instances Response Module (PS3.18 Table 10.5.3-1): Failed and Referenced SOP Sequence. */
const Response = z.object({ '00081198': sequence, '00081199': sequence });

/**
 * One STOW-RS request (PS3.18 §10.5) for objects of one study. Gives what was refused: an object counts as taken only when the answer lists it,
 * since a part that the archive could not parse is in neither list. No answer or 5xx is ARCHIVE_UNREACHABLE.
 */
export async function stow(
  { archive, path }: DicomWeb,
  objects: readonly Storable[],
): Promise<readonly Refusal[]> {
  const study = objects[0]?.StudyInstanceUID;
  const { headers, body } = multipart(objects.map((o) => o.parts));
  const answer = await call(archive, `${path}/studies/${study}`, {
    method: 'POST',
    headers: { ...headers, accept: 'application/dicom+json' },
    body,
  });
  const said = await readAll(answer.body);
  if (answer.status >= 500 || answer.status === 429)
    throw new Fault(
      'ARCHIVE_UNREACHABLE',
      `STOW-RS of study ${study} answered ${answer.status}: ${said.slice(0, 200)}`,
    );
  const response = parse(said);
  if (!response) {
    const ok = answer.status >= 200 && answer.status < 300;
    return ok
      ? []
      : objects.map((object) => ({ object, reason: `HTTP ${answer.status}: ${said.slice(0, 200)}` }));
  }
  const taken = new Set(uids(response['00081199']));
  return objects
    .filter((o) => !taken.has(o.SOPInstanceUID))
    .map((object) => ({ object, reason: reasonOf(object, response, answer.status) }));
}

const parse = (said: string): z.infer<typeof Response> | undefined => {
  try {
    return Response.safeParse(JSON.parse(said)).data;
  } catch {
    return undefined;
  }
};

const uids = (items: z.infer<typeof sequence>): readonly string[] =>
  (items?.Value ?? []).flatMap((item) => item['00081155']?.Value ?? []);

function reasonOf(object: Storable, response: z.infer<typeof Response>, status: number): string {
  const failed = response['00081198']?.Value?.find((item) =>
    item['00081155']?.Value?.includes(object.SOPInstanceUID),
  );
  const code = failed?.['00081197']?.Value?.[0];
  if (code !== undefined) return `failure reason ${code} (0x${code.toString(16).padStart(4, '0')})`;
  return `HTTP ${status}, and the answer names it neither as stored nor as failed: the archive could not parse it`;
}

async function readAll(body: { text(): Promise<string> }): Promise<string> {
  try {
    return await body.text();
  } catch (cause) {
    throw new Fault('ARCHIVE_UNREACHABLE', 'the answer to STOW-RS ended early', { cause });
  }
}
