import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** A hash takes less than 2 GiB at once. */
const MOST_BYTES = 2 ** 30;

/** SHA-256 in lower-case hexadecimal. Strings are hashed as UTF-8. */
export const sha256 = (data: string | Uint8Array): string => sha256OfPieces([data]);

/** Of what the pieces make one after the other, of any size. */
export const sha256OfPieces = (pieces: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) {
    if (typeof piece === 'string') hash.update(piece);
    else
      for (let at = 0; at < piece.length; at += MOST_BYTES) hash.update(piece.subarray(at, at + MOST_BYTES));
  }
  return hash.digest('hex');
};

/** Of a file of any size; never more than a piece of it is in memory. */
export const sha256OfFile = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(piece);
  return hash.digest('hex');
};
