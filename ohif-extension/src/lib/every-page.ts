import { type DicomJson, text } from './dicom-json.ts';

/**
 * All that an archive answers to one question, page by page until nothing new comes, each once by its UID: an archive may have a limit of its
 * own, and need not say so (PS3.18 §8.3.4.4). One that does not know `offset` gives the same again, or refuses it; then it is what came first.
 * Where the archive has said how many there are, the last of them ends it.
 */
export async function everyPage(
  ask: (paging: Readonly<Record<string, string>>) => Promise<readonly DicomJson[]>,
  uid: Parameters<typeof text>[1],
  count = Number.POSITIVE_INFINITY,
): Promise<readonly DicomJson[]> {
  const found = new Map<string, DicomJson>();
  for (let received = 0; ; ) {
    const page =
      received === 0 ? await ask({}) : await ask({ offset: String(received) }).catch(unlessUnknown);
    const before = found.size;
    for (const each of page) found.set(text(each, uid) ?? '', each);
    if (found.size === before || found.size >= count) return [...found.values()];
    received += page.length;
  }
}

/** 400 says that the question was not understood: nothing of the answer. */
function unlessUnknown(error: unknown): readonly DicomJson[] {
  if (Reflect.get(Object(error), 'status') === 400) return [];
  throw error;
}
