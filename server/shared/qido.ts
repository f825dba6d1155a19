import { Fault } from './fault.ts';
import { getJson, type Origin } from './http.ts';

/** An element of the DICOM JSON model (PS3.18 §F.2). */
export type Json = Readonly<Record<string, { readonly vr: string; readonly Value?: unknown[] }>>;

/** What is asked for at once. Servers may give fewer: their own limit is theirs to choose (PS3.18 §8.3.4.4). */
const PAGE = 1_000;

/**
 * All that matches, by QIDO-RS (PS3.18 §10.6), page by page until nothing new comes, each once by the UID under `key`. A page that is
 * shorter than was asked for is no end: it may be the server's own limit. Of a server that ignores `offset` it is what comes at once
 * (`pellucid doctor` tells such a server). Throws ARCHIVE_REFUSED and ARCHIVE_UNREACHABLE.
 */
export async function queryAll(archive: Origin, path: string, key: string): Promise<readonly Json[]> {
  const found = new Map<string, Json>();
  for (let received = 0; ; ) {
    const paging = `limit=${PAGE}&offset=${received}`;
    const page = await query(archive, `${path}${path.includes('?') ? '&' : '?'}${paging}`);
    const before = found.size;
    for (const item of page) {
      const uid = textOf(item, key);
      if (uid) found.set(uid, item);
    }
    if (found.size === before) return [...found.values()];
    received += page.length;
  }
}

/** The answer to one query, which may be a part of what matches; nothing when there is none. Throws ARCHIVE_REFUSED. */
export async function query(archive: Origin, path: string): Promise<readonly Json[]> {
  const answer = (await getJson(archive, path, 'application/dicom+json')) ?? [];
  if (!Array.isArray(answer)) throw new Fault('ARCHIVE_REFUSED', 'the answer is not DICOM JSON');
  return answer;
}

/** The first value of an element as text; undefined when it has none. */
export const textOf = (item: Json, tag: string): string | undefined => {
  const value = item[tag]?.Value?.[0];
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : undefined;
};
