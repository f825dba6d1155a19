import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

const CHUNK = 1 << 20;

export interface Multipart {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** DICOM files as one `multipart/related` body (PS3.18 §8.6.1.2), streamed in slices of the arrays given: nothing is copied. */
export function multipart(files: readonly Uint8Array[]): Multipart {
  const boundary = `pellucid-${randomUUID()}`;
  const head = Buffer.from(`\r\n--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const length = files.reduce((sum, file) => sum + head.length + file.length, tail.length);
  return {
    headers: {
      'content-type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
      'content-length': String(length),
    },
    body: Readable.from(slices(files, head, tail), { objectMode: false }),
  };
}

function* slices(files: readonly Uint8Array[], head: Buffer, tail: Buffer): Generator<Uint8Array> {
  for (const file of files) {
    yield head;
    for (let at = 0; at < file.length; at += CHUNK) yield file.subarray(at, at + CHUNK);
  }
  yield tail;
}
