import { open } from 'node:fs/promises';

/** A call writes at most 2 GiB and takes at most 1,024 pieces. */
const MOST_BYTES = 1 << 28;
const MOST_PIECES = 1024;

/** A file of these bytes one after the other, of any size; nothing is copied. */
export async function writePieces(file: string, pieces: readonly Uint8Array[]): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (const batch of batchesOf(pieces)) await handle.writev(batch);
  } finally {
    await handle.close();
  }
}

function* batchesOf(pieces: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let room = MOST_BYTES;
  for (const piece of pieces)
    for (let at = 0; at < piece.length; ) {
      const slice = piece.subarray(at, at + room);
      batch.push(slice);
      at += slice.length;
      room -= slice.length;
      if (room > 0 && batch.length < MOST_PIECES) continue;
      yield batch;
      batch = [];
      room = MOST_BYTES;
    }
  if (batch.length > 0) yield batch;
}
