import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { chunksOf } from './chunks.ts';

export interface Multipart {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** DICOM files, each in its pieces, as one `multipart/related` body (PS3.18 §8.6.1.2), streamed in chunks of them. */
export function multipart(files: readonly (readonly Uint8Array[])[]): Multipart {
  const boundary = `pellucid-${randomUUID()}`;
  const head = Buffer.from(`\r\n--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const length = files
    .flat()
    .reduce((sum, piece) => sum + piece.length, files.length * head.length + tail.length);
  return {
    headers: {
      'content-type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
      'content-length': String(length),
    },
    body: Readable.from(slices(files, head, tail), { objectMode: false }),
  };
}

function* slices(
  files: readonly (readonly Uint8Array[])[],
  head: Buffer,
  tail: Buffer,
): Generator<Uint8Array> {
  for (const pieces of files) {
    yield head;
    yield* chunksOf(pieces);
  }
  yield tail;
}
