import { createHash } from 'node:crypto';

/** SHA-256 in lower-case hexadecimal. Strings are hashed as UTF-8. */
export const sha256 = (data: string | Uint8Array): string => sha256OfPieces([data]);

/** Of what the pieces make one after the other. */
export const sha256OfPieces = (pieces: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};
