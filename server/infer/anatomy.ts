import { join } from 'node:path';
import type { Anatomy, Tap, Volume } from '../contracts.ts';
import type { Model } from '../models/load.ts';
import type { AnatomySpec } from '../models/picture.ts';
import type { ModelSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { pictureFor } from './picture.ts';
import { type RunOptions, runOnnx } from './session.ts';

type OfImages = Exclude<ModelSpec, { readonly kind: 'segmentation' }>;

/** The structures that the package's second network finds in the image; undefined where it names none. Throws MODEL_INPUT_MISMATCH. */
export async function anatomyOf(
  { spec, folder }: Pick<Model, 'folder'> & { readonly spec: OfImages },
  volume: Volume,
  options: RunOptions,
): Promise<Anatomy | undefined> {
  const { anatomy } = spec.explanation;
  if (!anatomy) return undefined;
  const { onnx, input, output, source } = anatomy;
  const { fed } = pictureFor(volume, input);
  const results = await runOnnx(join(folder, onnx.file), {
    ...options,
    feeds: { [input.tensor]: fed },
    fetches: [output],
  });
  return { ...masksIn(results[output] as Tap, anatomy), source };
}

/** The masks of logits [1, channel, row, column]. */
function masksIn(
  { dims, data }: Tap,
  { among, structures }: Pick<AnatomySpec, 'among' | 'structures'>,
): Omit<Anatomy, 'source'> {
  const [, channels = 0, rows = 0, columns = 0] = dims;
  const beyond = structures.find(({ channel }) => channel >= channels);
  if (dims.length !== 4 || beyond)
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the anatomy is ${dims.join(' × ')}; wanted is 1 × channel × row × column${beyond ? `, with a channel ${beyond.channel}` : ''}`,
    );
  const places = rows * columns;
  const at = (channel: number, place: number): number => data[channel * places + place] as number;
  const isIn = (channel: number, place: number): boolean => {
    // One half by a sigmoid is a logit of 0.
    if (among === 'sigmoid') return at(channel, place) > 0;
    for (let other = 0; other < channels; other++)
      if (other < channel ? at(other, place) >= at(channel, place) : at(other, place) > at(channel, place))
        return false;
    return true;
  };
  return {
    rows,
    columns,
    structures: structures.map(({ channel, name }) => ({
      name,
      mask: Uint8Array.from({ length: places }, (_, place) => Number(isIn(channel, place))),
    })),
  };
}
