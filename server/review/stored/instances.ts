import { type Part10, readPart10 } from '../../dicom/read.ts';
import type { InstanceUids } from '../outbox.ts';

export interface Instances {
  /** One instance of the archive, parsed. Throws NOT_FOUND, DICOM_UNREADABLE and what the archive does. */
  read(uids: InstanceUids): Promise<Part10>;
}

/** So much of what was read last is kept: a reader goes from slice to slice of the same objects. */
const KEPT_BYTES = 384 << 20;
/** And for so long. */
const KEPT_MS = 120_000;

interface Kept {
  readonly file: Part10;
  readonly bytes: number;
  /** Of the last use. */
  at: number;
}

/** Instances by their UID: stored ones never change, so what was read is read once. One that two ask for at once is fetched once. */
export function openInstances(
  fetch: (uids: InstanceUids) => Promise<Uint8Array>,
  {
    keptBytes = KEPT_BYTES,
    now = Date.now,
  }: { readonly keptBytes?: number; readonly now?: () => number } = {},
): Instances {
  const kept = new Map<string, Kept>();
  const coming = new Map<string, Promise<Part10>>();

  /** The least recently used go first; a Map is in the order of use. */
  const makeRoom = (): void => {
    let bytes = [...kept.values()].reduce((sum, k) => sum + k.bytes, 0);
    for (const [uid, k] of kept) {
      if (bytes <= keptBytes && now() - k.at < KEPT_MS) break;
      kept.delete(uid);
      bytes -= k.bytes;
    }
  };
  const sweep = setInterval(makeRoom, KEPT_MS / 2);
  sweep.unref();

  const load = async (uids: InstanceUids): Promise<Part10> => {
    const bytes = await fetch(uids);
    const file = readPart10(bytes);
    kept.set(uids.SOPInstanceUID, { file, bytes: bytes.length, at: now() });
    makeRoom();
    return file;
  };

  return {
    async read(uids) {
      const uid = uids.SOPInstanceUID;
      const known = kept.get(uid);
      if (known) {
        kept.delete(uid);
        kept.set(uid, { ...known, at: now() });
        return known.file;
      }
      const loading = coming.get(uid) ?? load(uids).finally(() => coming.delete(uid));
      coming.set(uid, loading);
      return loading;
    },
  };
}
