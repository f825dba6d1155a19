import type { LabelMap } from '../contracts.ts';

/** Where one segment is: which frames of the label map hold it. */
export interface SegmentFrame {
  /** Value in the label map. */
  readonly segment: number;
  /** Index of the frame in the label map. */
  readonly frame: number;
}

/** For each label that occurs, the frames that hold it, ascending; 0, the background, is one of them. */
export function framesOfLabels({ data, shape }: LabelMap): ReadonlyMap<number, readonly number[]> {
  const size = shape[1] * shape[2];
  const found = new Map<number, number[]>();
  for (let frame = 0; frame < shape[0]; frame++) {
    const isHere = new Uint8Array(data.BYTES_PER_ELEMENT === 1 ? 2 ** 8 : 2 ** 16);
    const labels = data.subarray(frame * size, (frame + 1) * size);
    for (let i = 0, last = -1; i < size; i++) {
      const label = labels[i] as number;
      if (label === last) continue;
      isHere[label] = 1;
      last = label;
    }
    for (let label = isHere.indexOf(1); label >= 0; label = isHere.indexOf(1, label + 1)) {
      const frames = found.get(label);
      if (frames) frames.push(frame);
      else found.set(label, [frame]);
    }
  }
  return found;
}

/**
 * Binary masks as one continuous stream of bits, least significant first, across frames without padding in between; even length
 * (PS3.5 §8.1.1, §8.2). Frame i of the stream is where the label map has `frames[i].segment`.
 */
export function packFrames({ data, shape }: LabelMap, frames: readonly SegmentFrame[]): Uint8Array {
  const size = shape[1] * shape[2];
  const bytes = Math.ceil((frames.length * size) / 8);
  const packed = new Uint8Array(bytes + (bytes % 2));
  const firstBit = new Map<number, Map<number, number>>();
  for (const [i, { segment, frame }] of frames.entries()) {
    const here = firstBit.get(frame) ?? new Map<number, number>();
    firstBit.set(frame, here.set(segment, i * size));
  }
  for (const [frame, bits] of firstBit)
    packFrame(packed, data.subarray(frame * size, (frame + 1) * size), bits);
  return packed;
}

/** All segments of one frame in one pass, run after run of equal labels. `bits` is where the frame of each begins. */
function packFrame(packed: Uint8Array, labels: LabelMap['data'], bits: ReadonlyMap<number, number>): void {
  for (let i = 0; i < labels.length; ) {
    const label = labels[i] as number;
    let end = i + 1;
    while (end < labels.length && labels[end] === label) end++;
    const first = label === 0 ? undefined : bits.get(label);
    if (first !== undefined) setBits(packed, first + i, first + end);
    i = end;
  }
}

/** Sets the bits from `first` to before `end`; there may be more than 2³¹. */
function setBits(packed: Uint8Array, first: number, end: number): void {
  const from = Math.floor(first / 8);
  const to = Math.floor(end / 8);
  const head = 0xff << (first % 8);
  const tail = (1 << (end % 8)) - 1;
  if (from === to) {
    packed[from] = (packed[from] as number) | (head & tail);
    return;
  }
  packed[from] = (packed[from] as number) | head;
  packed.fill(0xff, from + 1, to);
  if (tail > 0) packed[to] = (packed[to] as number) | tail;
}
