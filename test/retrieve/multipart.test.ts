import fc from 'fast-check';
import { boundaryOf, splitMultipart } from '../../server/retrieve/multipart.ts';

const encode = (parts: readonly { headers: string[]; body: Buffer }[], boundary = 'b1'): Buffer =>
  Buffer.concat([
    ...parts.flatMap(({ headers, body }) => [
      Buffer.from(`--${boundary}\r\n${headers.map((h) => `${h}\r\n`).join('')}\r\n`),
      body,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);

/** The bytes in chunks that end anywhere. */
async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function bodies(bytes: Buffer, size: number, boundary = 'b1'): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const part of splitMultipart(chunked(bytes, size), boundary)) all.push(Buffer.from(part.body));
  return all;
}

const withLength = (body: Buffer) => ({
  headers: ['Content-Type: application/dicom', `Content-Length: ${body.length}`],
  body,
});
const withoutLength = (body: Buffer) => ({ headers: ['Content-Type: application/dicom'], body });

test.each([1, 2, 3, 7, 64, 10_000])('parts come out as they went in, in chunks of %i bytes', async (size) => {
  const parts = [
    Buffer.from('DICM\r\n--b1 not a boundary'),
    Buffer.from([0, 13, 10, 45, 45, 98]),
    Buffer.alloc(500, 7),
  ];
  expect(await bodies(encode(parts.map(withLength)), size)).toEqual(parts);
});

test('any bodies in any chunks, with and without Content-Length (RFC 2046 §5.1)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.boolean()), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 90 }),
      async (parts, size) => {
        const encoded = encode(
          parts.map(([body, told]) => (told ? withLength : withoutLength)(Buffer.from(body))),
          'long-boundary-that-no-body-holds',
        );
        const found = await bodies(encoded, size, 'long-boundary-that-no-body-holds');
        expect(found).toEqual(parts.map(([body]) => Buffer.from(body)));
      },
    ),
    { seed: 2, numRuns: 300 },
  );
});

test('a body cut at any byte is never taken for a shorter series', async () => {
  const parts = [Buffer.from('first'), Buffer.from('second, the last')];
  const whole = encode(parts.map(withoutLength));
  const end = whole.lastIndexOf('--b1--') + '--b1--'.length;
  for (let cut = 0; cut < end; cut++) {
    await expect(bodies(whole.subarray(0, cut), 5)).rejects.toMatchObject({ code: 'RETRIEVE_TRUNCATED' });
  }
  expect(await bodies(whole.subarray(0, end), 5)).toEqual(parts);
});

test('a part with an endless header is refused before it fills the memory', async () => {
  const endless = Buffer.concat([Buffer.from('--b1\r\nX: '), Buffer.alloc(100_000, 65)]);
  await expect(bodies(endless, 1000)).rejects.toMatchObject({ code: 'ARCHIVE_REFUSED' });
});

test.each(['4294967296', '1.5', 'many'])(
  'a part of %s bytes is refused, and no memory taken',
  async (length) => {
    const body = Buffer.from(`--b1\r\nContent-Length: ${length}\r\n\r\nx\r\n--b1--`);
    await expect(bodies(body, 100)).rejects.toMatchObject({ code: 'ARCHIVE_REFUSED' });
  },
);

test.each([
  ['multipart/related; type="application/dicom"; boundary=abc', 'abc'],
  ['multipart/related;boundary="a b;c"; type=x', 'a b;c'],
])('boundary of %s', (contentType, boundary) => {
  expect(boundaryOf(contentType)).toBe(boundary);
});

test('an answer that is not multipart is refused', () => {
  expect(() => boundaryOf('text/html')).toThrow('not multipart');
});
