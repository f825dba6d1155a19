/** Where one segment is: which frames of the label map hold it. */
export interface SegmentFrame {
  /** Value in the label map. */
  readonly segment: number;
  /** Index of the frame in the label map. */
  readonly frame: number;
}

/** The frames of segments 1..count that are not empty, segment after segment, in the order of the frames. */
export function occupiedFrames(labels: Uint8Array, frameSize: number, count: number): SegmentFrame[] {
  const frames = labels.length / frameSize;
  const seen = new Uint8Array((count + 1) * frames);
  for (let frame = 0, i = 0; frame < frames; frame++)
    for (const end = i + frameSize; i < end; i++) seen[(labels[i] as number) * frames + frame] = 1;
  const occupied: SegmentFrame[] = [];
  for (let segment = 1; segment <= count; segment++)
    for (let frame = 0; frame < frames; frame++)
      if (seen[segment * frames + frame]) occupied.push({ segment, frame });
  return occupied;
}

/**
 * Binary masks as one continuous stream of bits, least significant first, across frames without padding in between; even length
 * (PS3.5 §8.1.1, §8.2). `labels` is [frame, row, column].
 */
export function packFrames(
  labels: Uint8Array,
  frameSize: number,
  frames: readonly SegmentFrame[],
): Uint8Array {
  const bytes = Math.ceil((frames.length * frameSize) / 8);
  const packed = new Uint8Array(bytes + (bytes % 2));
  let bit = 0;
  for (const { segment, frame } of frames) {
    const end = (frame + 1) * frameSize;
    for (let i = frame * frameSize; i < end; i++, bit++)
      if (labels[i] === segment) packed[bit >>> 3] = (packed[bit >>> 3] as number) | (1 << (bit & 7));
  }
  return packed;
}
