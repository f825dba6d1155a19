import type { LabelMap } from '../contracts.ts';
import { eachRun } from './runs.ts';

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
    eachRun(labels, (label) => {
      isHere[label] = 1;
    });
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
 * (PS3.5 §8.1.1, §8.2). Frame i of the stream is where the label map has `frames[i].segment`. It comes in pieces that follow each other:
 * of each frame what lies between its first and its last bit, and views of one block of zeros between them. Most of a mask is
 * empty: so memory is taken and written only where it is not.
 */
export function packFrames(
  { data, shape }: LabelMap,
  frames: readonly SegmentFrame[],
): readonly Uint8Array[] {
  const size = shape[1] * shape[2];
  const placeOf = new Map<number, Map<number, number>>();
  for (const [i, { segment, frame }] of frames.entries()) {
    const here = placeOf.get(frame) ?? new Map<number, number>();
    placeOf.set(frame, here.set(segment, i));
  }
  const masks: (Piece | undefined)[] = new Array(frames.length);
  for (const [frame, places] of placeOf)
    for (const [label, runs] of runsOf(data.subarray(frame * size, (frame + 1) * size), places)) {
      const place = places.get(label) as number;
      masks[place] = draw(runs, place * size);
    }
  const bytes = Math.ceil((frames.length * size) / 8);
  return inStream(masks, bytes + (bytes % 2));
}

/** For each label that is wanted where it is: from, end, from, end … */
function runsOf(
  labels: LabelMap['data'],
  wanted: ReadonlyMap<number, unknown>,
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  eachRun(labels, (label, from, end) => {
    if (label === 0) return;
    const runs = found.get(label);
    if (runs) runs.push(from, end);
    else if (wanted.has(label)) found.set(label, [from, end]);
  });
  return found;
}

/** Bytes of the stream from `at` on. */
interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** `firstBit` is where the frame begins in the stream; it may be beyond 2³¹. */
function draw(runs: readonly number[], firstBit: number): Piece {
  const at = Math.floor((firstBit + (runs[0] as number)) / 8);
  const bytes = new Uint8Array(Math.ceil((firstBit + (runs.at(-1) as number)) / 8) - at);
  const offset = firstBit - 8 * at;
  for (let i = 0; i < runs.length; i += 2)
    setBits(bytes, offset + (runs[i] as number), offset + (runs[i + 1] as number));
  return { at, bytes };
}

function setBits(packed: Uint8Array, first: number, end: number): void {
  const [from, to] = [first >> 3, end >> 3];
  const head = 0xff << (first & 7);
  const tail = (1 << (end & 7)) - 1;
  if (from === to) {
    packed[from] = (packed[from] as number) | (head & tail);
    return;
  }
  packed[from] = (packed[from] as number) | head;
  packed.fill(0xff, from + 1, to);
  if (tail > 0) packed[to] = (packed[to] as number) | tail;
}

const ZEROS = new Uint8Array(1 << 16);

/** The pieces with zeros around them. Frames that are no whole bytes share one: the later gives its bits to the earlier. */
function inStream(pieces: readonly (Piece | undefined)[], length: number): readonly Uint8Array[] {
  const stream: Uint8Array[] = [];
  let at = 0;
  const fillTo = (end: number): void => {
    for (; at < end; at = Math.min(end, at + ZEROS.length)) stream.push(ZEROS.subarray(0, end - at));
  };
  for (const piece of pieces) {
    if (!piece) continue;
    const shared = at - piece.at;
    const last = stream.at(-1);
    if (shared > 0 && last) last[last.length - 1] = (last.at(-1) as number) | (piece.bytes[0] as number);
    else fillTo(piece.at);
    if (piece.bytes.length > shared) stream.push(piece.bytes.subarray(Math.max(0, shared)));
    at = piece.at + piece.bytes.length;
  }
  fillTo(length);
  return stream;
}
