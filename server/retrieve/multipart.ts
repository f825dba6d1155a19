import { ByteReader } from '../shared/byte-reader.ts';
import { Fault } from '../shared/fault.ts';

export interface Part {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Only until the next part is asked for: its memory is used again. */
  readonly body: Uint8Array;
}

/** Larger than any image that is read. */
const MAX_PART_BYTES = 2 ** 31;

/**
 * The parts of a multipart/related body (RFC 2046 §5.1), one at a time as they arrive. A body that ends before its
 * closing delimiter is RETRIEVE_TRUNCATED: a missing last part must never look like a shorter series. Where the parts say
 * their Content-Length their bytes are not searched.
 */
export async function* splitMultipart(
  stream: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<Part> {
  const delimiter = Buffer.from(`--${boundary}`);
  const closing = Buffer.from(`\r\n--${boundary}`);
  const input = new ByteReader(stream);
  let memory = new Uint8Array();
  await input.takeUntil(delimiter);
  while (!(await input.startsWith('--'))) {
    await input.line();
    const headers = await input.headers();
    const length = Number(headers['content-length'] ?? 0);
    if (!Number.isInteger(length) || length > MAX_PART_BYTES) {
      throw new Fault('ARCHIVE_REFUSED', `a part that says it has ${length} bytes`);
    }
    if (length > 0) {
      if (memory.length < length) memory = new Uint8Array(length);
      const body = memory.subarray(0, length);
      await input.takeInto(body);
      await input.takeUntil(closing);
      yield { headers, body };
    } else yield { headers, body: await input.takeUntil(closing) };
  }
}

/** `boundary` of a Content-Type, quoted or not. Throws ARCHIVE_REFUSED when there is none. */
export function boundaryOf(contentType: string): string {
  const match = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary)
    throw new Fault('ARCHIVE_REFUSED', `the answer is not multipart but "${contentType.slice(0, 80)}"`);
  return boundary;
}
