import { Fault } from '../shared/fault.ts';

export interface Part {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Only until the next part is asked for: its memory is used again. */
  readonly body: Uint8Array;
}

const CRLF = Buffer.from('\r\n');
const BLANK_LINE = Buffer.from('\r\n\r\n');
const MAX_HEADER_BYTES = 16_384;

/**
 * The parts of a multipart/related body (RFC 2046 §5.1), one at a time as they arrive. A body that ends before its
 * closing delimiter is RETRIEVE_TRUNCATED: a missing last part must never look like a shorter series.
 */
export async function* splitMultipart(
  stream: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<Part> {
  const delimiter = Buffer.from(`--${boundary}`);
  const closing = Buffer.concat([CRLF, delimiter]);
  const input = new Input(stream);

  await input.skipPast(delimiter);
  while (!(await input.startsWith('--'))) {
    await input.skipPast(CRLF);
    const headers = parseHeaders(await input.takeUntil(BLANK_LINE, MAX_HEADER_BYTES, CRLF));
    const length = Number(headers['content-length']);
    const body =
      Number.isSafeInteger(length) && length > 0
        ? await input.takeExactly(length)
        : await input.takeUntil(closing);
    if (Number.isSafeInteger(length) && length > 0) await input.skipPast(closing);
    yield { headers, body };
  }
}

/** `boundary` of a Content-Type, quoted or not. Throws RETRIEVE_TRUNCATED when there is none. */
export function boundaryOf(contentType: string): string {
  const match = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary)
    throw new Fault('ARCHIVE_REFUSED', `the answer is not multipart but "${contentType.slice(0, 80)}"`);
  return boundary;
}

const parseHeaders = (block: Uint8Array): Record<string, string> =>
  Object.fromEntries(
    Buffer.from(block)
      .toString('latin1')
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [
        line.slice(0, line.indexOf(':')).trim().toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  );

/** Bytes of a stream with one chunk of look-ahead; each byte is copied once when its length is known. */
class Input {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);
  #body: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async startsWith(text: string): Promise<boolean> {
    while (this.#buffer.length < text.length) await this.#more();
    return this.#buffer.toString('latin1', 0, text.length) === text;
  }

  async skipPast(mark: Buffer): Promise<void> {
    await this.takeUntil(mark);
  }

  /** In memory that the next call uses again. */
  async takeExactly(length: number): Promise<Uint8Array> {
    if (this.#body.length < length) this.#body = Buffer.allocUnsafeSlow(length);
    const out = this.#body.subarray(0, length);
    for (let filled = 0; ; ) {
      const n = this.#buffer.copy(out, filled, 0, Math.min(this.#buffer.length, length - filled));
      this.#buffer = this.#buffer.subarray(n);
      filled += n;
      if (filled === length) return out;
      await this.#more();
    }
  }

  /** Everything before `mark`, which is dropped. `lead` stands before the bytes for the search, so an empty block matches. */
  async takeUntil(
    mark: Buffer,
    limit = Number.POSITIVE_INFINITY,
    lead: Buffer = Buffer.alloc(0),
  ): Promise<Uint8Array> {
    if (lead.length) this.#buffer = Buffer.concat([lead, this.#buffer]);
    const kept: Buffer[] = [];
    let size = 0;
    for (;;) {
      const at = this.#buffer.indexOf(mark);
      if (at >= 0) {
        kept.push(this.#buffer.subarray(0, at));
        this.#buffer = this.#buffer.subarray(at + mark.length);
        return kept.length === 1 ? Uint8Array.from(kept[0] as Buffer) : Buffer.concat(kept);
      }
      const safe = Math.max(0, this.#buffer.length - mark.length + 1);
      kept.push(this.#buffer.subarray(0, safe));
      size += safe;
      if (size > limit) throw new Fault('ARCHIVE_REFUSED', 'the header of a part is longer than 16 KiB');
      this.#buffer = this.#buffer.subarray(safe);
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next().catch((cause: unknown) => {
      throw new Fault('RETRIEVE_TRUNCATED', 'the connection broke in the middle of a part', { cause });
    });
    if (next.done) throw new Fault('RETRIEVE_TRUNCATED', 'the answer ended before its closing delimiter');
    this.#buffer = this.#buffer.length
      ? Buffer.concat([this.#buffer, next.value])
      : Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
  }
}
