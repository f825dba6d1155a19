/**
 * The pieces of a file as chunks of about this size, to be sent one after the other: slices of large ones, of which nothing is copied, and
 * small ones joined: a mask comes in thousands of pieces, and each chunk costs a call.
 */
export function* chunksOf(pieces: readonly Uint8Array[], bytes = 1 << 20): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let held = 0;
  for (const piece of pieces) {
    const isSmall = piece.length < bytes;
    if (isSmall) {
      small.push(piece);
      held += piece.length;
    }
    if (held > 0 && (!isSmall || held >= bytes)) {
      yield Buffer.concat(small, held);
      small = [];
      held = 0;
    }
    if (!isSmall) for (let at = 0; at < piece.length; at += bytes) yield piece.subarray(at, at + bytes);
  }
  if (held > 0) yield Buffer.concat(small, held);
}
