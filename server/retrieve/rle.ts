import { Fault } from '../shared/fault.ts';

const HEADER_BYTES = 64;
/** Two bytes of a segment make 128 at most. */
const LARGEST_GAIN = 64;

/**
 * One frame of RLE Lossless (PS3.5 annex G): `samples` × `bytesPerSample` segments of `pixels` bytes, most significant byte
 * first. Returns interleaved samples, little endian. Throws PIXELS_TRUNCATED and DICOM_UNREADABLE.
 */
export function decodeRle(
  frame: Uint8Array,
  pixels: number,
  samples: number,
  bytesPerSample: number,
): Uint8Array {
  if (frame.length < HEADER_BYTES)
    throw new Fault('PIXELS_TRUNCATED', 'an RLE frame is shorter than its header');
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const segments = samples * bytesPerSample;
  if (view.getUint32(0, true) !== segments) {
    throw new Fault(
      'DICOM_UNREADABLE',
      `an RLE frame has ${view.getUint32(0, true)} segments, not ${segments}`,
    );
  }
  if (pixels * segments > frame.length * LARGEST_GAIN) {
    throw new Fault('PIXELS_TRUNCATED', 'an RLE frame is too short for the pixels that the header promises');
  }
  const out = new Uint8Array(pixels * segments);
  for (let s = 0; s < segments; s++) {
    const start = view.getUint32(4 + 4 * s, true);
    const end = s + 1 < segments ? view.getUint32(8 + 4 * s, true) : frame.length;
    if (start < HEADER_BYTES || end < start || end > frame.length) {
      throw new Fault('PIXELS_TRUNCATED', 'an RLE segment lies outside its frame');
    }
    const sample = Math.floor(s / bytesPerSample);
    const byte = bytesPerSample - 1 - (s % bytesPerSample);
    unpack(frame.subarray(start, end), out, {
      from: sample * bytesPerSample + byte,
      step: segments,
      count: pixels,
    });
  }
  return out;
}

/** PackBits into every `step`th byte. A segment may carry a padding byte at its end. */
function unpack(
  segment: Uint8Array,
  out: Uint8Array,
  { from, step, count }: Record<'from' | 'step' | 'count', number>,
): void {
  let at = from;
  const stop = from + count * step;
  for (let i = 0; i < segment.length && at < stop; ) {
    const control = segment[i++] as number;
    if (control === 128) continue;
    const length = control < 128 ? control + 1 : 257 - control;
    const needed = control < 128 ? length : 1;
    if (i + needed > segment.length || at + length * step > stop) break;
    for (let k = 0; k < length; k++, at += step) out[at] = segment[control < 128 ? i + k : i] as number;
    i += needed;
  }
  if (at !== stop)
    throw new Fault('PIXELS_TRUNCATED', 'an RLE segment does not hold the pixels that the header promises');
}
