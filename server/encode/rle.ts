export const RLE_LOSSLESS = '1.2.840.10008.1.2.5';
const LONGEST = 128;
const HEADER = 64;

/**
 * One frame of labels as RLE (PS3.5 annex G): a header of 64 bytes, then a segment for each byte of a label, the most significant
 * first. Each row is coded by itself; each segment has an even length.
 */
export function compressFrame(labels: Uint8Array | Uint16Array, columns: number): Uint8Array {
  const width = labels.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
  const planes = Array.from({ length: width }, (_, i) => plane(bytes, width, width - 1 - i));
  const segments = planes.map((p) => packBits(p, columns));
  const header = new DataView(new ArrayBuffer(HEADER));
  header.setUint32(0, segments.length, true);
  let at = HEADER;
  for (const [i, segment] of segments.entries()) {
    header.setUint32(4 + 4 * i, at, true);
    at += segment.length;
  }
  return Buffer.concat([new Uint8Array(header.buffer), ...segments]);
}

/** Byte `at` of every label; labels are little endian. */
function plane(bytes: Uint8Array, width: number, at: number): Uint8Array {
  if (width === 1) return bytes;
  const out = new Uint8Array(bytes.length / width);
  for (let i = 0; i < out.length; i++) out[i] = bytes[i * width + at] as number;
  return out;
}

/** PackBits row by row: a run of equal bytes as 1 − length and the byte, others as length − 1 and the bytes. */
function packBits(bytes: Uint8Array, columns: number): Uint8Array {
  const out = new Uint8Array(bytes.length + Math.ceil(columns / LONGEST) * (bytes.length / columns) + 1);
  let length = 0;
  for (let row = 0; row < bytes.length; row += columns) {
    const end = row + columns;
    for (let at = row; at < end; ) {
      const run = runLength(bytes, at, end);
      if (run > 1) {
        out[length++] = 257 - run;
        out[length++] = bytes[at] as number;
        at += run;
        continue;
      }
      const from = at;
      while (at < end && at - from < LONGEST && runLength(bytes, at, end) < 3) at++;
      out[length++] = at - from - 1;
      out.set(bytes.subarray(from, at), length);
      length += at - from;
    }
  }
  return out.slice(0, length + (length % 2));
}

function runLength(bytes: Uint8Array, at: number, end: number): number {
  const last = Math.min(end, at + LONGEST);
  let next = at + 1;
  while (next < last && bytes[next] === bytes[at]) next++;
  return next - at;
}
