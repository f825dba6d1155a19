import { Fault } from '../shared/fault.ts';
import { type Dataset, number, plainNumber } from './dataset.ts';
import { damaged, type Element } from './elements.ts';
import { framesOf } from './encapsulated.ts';
import type { Syntax } from './syntax.ts';

export type PixelType = 'integer' | 'float' | 'double';

const TYPES: Readonly<Record<number, PixelType>> = { 2145386504: 'float', 2145386505: 'double' };
/** More are not read; a header that says more is not believed. */
const MAX_FRAMES = 2 ** 20;

interface Context {
  readonly syntax: Syntax;
  readonly dataset: Dataset;
  readonly offsets: readonly number[];
}

/** The value of the pixel element: all frames in one when native, one item a frame when encapsulated. Throws PIXELS_*. */
export function pixelItems(
  body: Uint8Array,
  element: Element,
  { syntax, dataset, offsets }: Context,
): { pixels: readonly Uint8Array[]; pixelType: PixelType } {
  const { start, end, undefinedLength } = element;
  const pixelType = TYPES[element.tag] ?? 'integer';
  if (undefinedLength !== syntax.encapsulated) {
    damaged('its pixel data is not written as its transfer syntax says');
  }
  if (end > body.length) {
    throw new Fault(
      'PIXELS_TRUNCATED',
      `the pixel data says ${end - start} bytes, the file holds ${body.length - start}`,
    );
  }
  const value = body.subarray(start, end);
  if (syntax.encapsulated) {
    const frames = plainNumber(dataset, 'NumberOfFrames') ?? 1;
    if (!Number.isInteger(frames) || frames < 1 || frames > MAX_FRAMES) {
      throw new Fault('PIXELS_UNSUPPORTED', `the image says that it has ${frames} frames`);
    }
    return { pixels: framesOf(value, frames, offsets), pixelType };
  }
  return { pixels: [syntax.bigEndian ? swapped(value, wordOf(element, dataset)) : value], pixelType };
}

/** Bytes of a word as it was written: OB has no order, OW has that of its words or of its pixels (PS3.5 §8.1.1). */
function wordOf({ tag, vr }: Element, dataset: Dataset): number {
  if (TYPES[tag]) return TYPES[tag] === 'float' ? 4 : 8;
  return vr === 'OB' ? 1 : Math.max(2, (number(dataset, 'BitsAllocated') ?? 16) / 8);
}

function swapped(value: Uint8Array, word: number): Uint8Array {
  const copy = Buffer.from(value.subarray(0, value.length - (value.length % word)));
  if (word === 2) return copy.swap16();
  if (word === 4) return copy.swap32();
  return word === 8 ? copy.swap64() : copy;
}
