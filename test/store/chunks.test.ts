import fc from 'fast-check';
import { chunksOf } from '../../server/store/chunks.ts';

test('whatever the pieces, the chunks are the same bytes, none empty and none above twice the size', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 16 }), (list, bytes) => {
      const chunks = [...chunksOf(list, bytes)];
      expect(Buffer.concat(chunks)).toEqual(Buffer.concat(list));
      expect(chunks.every((c) => c.length > 0 && c.length < 2 * bytes)).toBe(true);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('many small pieces are few chunks; a large one is not copied', () => {
  expect([...chunksOf(new Array<Uint8Array>(1_000).fill(new Uint8Array(10)), 1_000)]).toHaveLength(10);
  const large = new Uint8Array(3_000);
  expect([...chunksOf([large], 1_000)].every((c) => c.buffer === large.buffer)).toBe(true);
});
