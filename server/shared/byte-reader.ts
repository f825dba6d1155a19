import { Fault } from './fault.ts';

const CRLF = Buffer.from('\r\n');
const MAX_HEADER_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

/**
 * Bytes of a stream by length and by mark. The stream may use a chunk's memory again for the next one: what is kept is copied, and
 * nothing else. Throws RETRIEVE_TRUNCATED when the stream breaks or ends before what was asked for.
 */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = NOTHING;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next bytes, at most `limit`, as a view until the next call; empty at the end. */
  async some(limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    while (this.#rest.length === 0 && (await this.#more()));
    const taken = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** Fills `out`. */
  async takeInto(out: Uint8Array): Promise<void> {
    for (let filled = 0; filled < out.length; ) {
      const taken = await this.some(out.length - filled);
      if (taken.length === 0) ended();
      out.set(taken, filled);
      filled += taken.length;
    }
  }

  /** Looks without taking. */
  async startsWith(text: string): Promise<boolean> {
    while (this.#rest.length < text.length) if (!(await this.#more())) ended();
    return this.#rest.toString('latin1', 0, text.length) === text;
  }

  /** Everything before `mark`, which is dropped. Throws ARCHIVE_REFUSED when it is longer than `limit`. */
  async takeUntil(mark: Buffer, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
    const kept: Buffer[] = [];
    for (let size = 0; ; ) {
      const at = this.#rest.indexOf(mark);
      const safe = at >= 0 ? at : Math.max(0, this.#rest.length - mark.length + 1);
      size += safe;
      if (size > limit)
        throw new Fault('ARCHIVE_REFUSED', `a header of the answer is longer than ${limit} bytes`);
      kept.push(Buffer.from(this.#rest.subarray(0, safe)));
      this.#rest = this.#rest.subarray(at >= 0 ? at + mark.length : safe);
      if (at >= 0) return kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept);
      if (!(await this.#more())) ended();
    }
  }

  /** One line, without its end. */
  async line(limit = MAX_HEADER_BYTES): Promise<string> {
    return (await this.takeUntil(CRLF, limit)).toString('latin1');
  }

  /** Header fields up to and with the blank line; names in lower case, the last of a name counts. */
  async headers(): Promise<Readonly<Record<string, string>>> {
    const fields: Record<string, string> = Object.create(null);
    for (let room = MAX_HEADER_BYTES; ; ) {
      const line = await this.line(room);
      if (line === '') return fields;
      room -= line.length;
      const colon = line.indexOf(':');
      if (colon > 0) fields[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
    }
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Another chunk behind what is left of the last; false at the end. */
  async #more(): Promise<boolean> {
    const left = Buffer.from(this.#rest);
    const next = await this.#chunks.next().catch((cause: unknown) => {
      throw new Fault('RETRIEVE_TRUNCATED', 'the connection broke in the middle of an answer', { cause });
    });
    if (next.done) return false;
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    this.#rest = left.length ? Buffer.concat([left, chunk]) : chunk;
    return true;
  }
}

function ended(): never {
  throw new Fault('RETRIEVE_TRUNCATED', 'the answer ended before its closing delimiter');
}
