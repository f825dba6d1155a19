import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { sha256 } from '../../shared/digest.ts';
import { asFault } from '../../shared/fault.ts';
import type { IncidentState } from '../contract/acts.ts';

/** An object of the result, and how to read it. */
export interface EvidenceObject {
  readonly kind: string;
  readonly SOPInstanceUID: string;
  readonly read: () => Promise<Uint8Array>;
}

export interface Evidence {
  readonly incident: IncidentState;
  /** The record of the analysis, readings and verdicts, audit entries: identifiers only. */
  readonly records: Readonly<Record<string, unknown>>;
  readonly objects: readonly EvidenceObject[];
}

/**
 * What an incident is looked into with, as a zip: `incident.json`, a file a record, the objects as the archive holds them, and `contents.json` with the
 * SHA-256 of each file. An object that cannot be read is listed with the reason; the others are there all the same. The objects name the patient: the package is
 * for those who may see the study.
 */
export function evidencePackage({ incident, records, objects }: Evidence): Readable {
  const zip = new ZipFile();
  void fill(zip, { incident, records, objects }).then(
    () => zip.end(),
    (error: unknown) => (zip.outputStream as Readable).destroy(error as Error),
  );
  return zip.outputStream as Readable;
}

async function fill(zip: ZipFile, { incident, records, objects }: Evidence): Promise<void> {
  const contents: { file: string; sha256?: string; missing?: string }[] = [];
  const mtime = new Date(incident.at);
  // One file at a time: the next is read when this one has been sent.
  const add = async (file: string, bytes: Uint8Array): Promise<void> => {
    contents.push({ file, sha256: sha256(bytes) });
    const stream = Readable.from([bytes]);
    zip.addReadStream(stream, file, { mtime, size: bytes.length });
    await finished(stream);
  };
  const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
  await add('incident.json', json(incident));
  for (const [name, record] of Object.entries(records)) await add(`records/${name}.json`, json(record));
  for (const { kind, SOPInstanceUID, read } of objects) {
    const file = `objects/${kind}-${SOPInstanceUID}.dcm`;
    const bytes = await read().catch((error: unknown) => asFault(error).detail);
    if (typeof bytes === 'string') contents.push({ file, missing: bytes });
    else await add(file, bytes);
  }
  zip.addBuffer(Buffer.from(json(contents)), 'contents.json', { mtime });
}
