import type { Tap } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import { labelsOf } from './classes.ts';
import { size } from './subject.ts';

export interface MaskedTarget {
  readonly label: number;
  /** Over the space; the model's own mask of the class when left out. */
  readonly region?: Uint8Array;
}

/**
 * The places of an output [c, …space] whose sum explains a structure: the class's own value at each place of its mask. As the
 * `target` of a subject it lets every method explain a segmentation. Throws REQUEST_INVALID when there is no such place.
 */
export function maskedTarget(output: Tap, { label, region }: MaskedTarget): readonly number[] {
  const [channels = 0, ...dims] = output.dims;
  const space = size(dims);
  const channel = channelOf(label, channels);
  if (region && region.length !== space)
    throw new Fault(
      'REQUEST_INVALID',
      `the region has ${region.length} places, the output ${dims.join(' × ')}`,
    );
  const labels = region ? undefined : labelsOf(output);
  const places: number[] = [];
  for (let i = 0; i < space; i++) {
    if (region ? region[i] : labels?.[i] === label) places.push(channel * space + i);
  }
  if (places.length === 0)
    throw new Fault(
      'REQUEST_INVALID',
      region ? 'the region is empty' : `the model marks no place as class ${label}`,
    );
  return places;
}

/** A single channel is the foreground, class 1. */
export function channelOf(label: number, channels: number): number {
  const channel = channels === 1 ? label - 1 : label;
  if (Number.isInteger(label) && channel >= 0 && channel < channels) return channel;
  throw new Fault(
    'REQUEST_INVALID',
    channels === 1
      ? `the output has one channel, which is class 1; there is no class ${label} to explain`
      : `there is no class ${label}; the output has classes 0 to ${channels - 1}`,
  );
}
