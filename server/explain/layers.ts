import { Fault } from '../shared/fault.ts';
import { readAttributes } from './graph/attributes.ts';
import type { GraphView } from './graph/view.ts';

/** Which spatial value [1, c, …space] of a graph is the layer that maps are of. */

/** The layer by its name, or with `auto` the last spatial value before the output. Throws MODEL_INPUT_MISMATCH for another name. */
export function chooseLayer(
  wanted: string,
  { shapes, of, view }: { shapes: ReadonlyMap<string, readonly number[]>; of: string; view: GraphView },
): string | undefined {
  const spatial = spatialBefore(of, shapes);
  if (wanted === 'auto') return channelsFirst(spatial[spatial.length - 1], { spatial, view });
  if (spatial.includes(wanted)) return wanted;
  throw new Fault(
    'MODEL_INPUT_MISMATCH',
    `${wanted} is no spatial value before ${of}; there are ${spatial.slice(-8).join(', ')}`,
  );
}

/** In the graph’s order. */
export const spatialBefore = (
  of: string,
  shapes: ReadonlyMap<string, readonly number[]>,
): readonly string[] => [...shapes.keys()].filter((name) => name !== of);

/** Exporters of NHWC models turn the last features before they flatten them: those before the turn are [1, c, …space]. */
function channelsFirst(
  last: string | undefined,
  { spatial, view }: { readonly spatial: readonly string[]; readonly view: GraphView },
): string | undefined {
  const maker = view.nodes.find(({ output }) => output[0] === last);
  const before = maker?.opType === 'Transpose' ? maker.input[0] : undefined;
  if (!maker || before === undefined || !spatial.includes(before)) return last;
  const perm = readAttributes(maker).ints('perm', []);
  return perm.length > 3 && perm.at(-1) === 1 ? before : last;
}

/** Throws why there is none. */
export function noLayer(missing: Fault | undefined): never {
  if (missing) throw missing;
  throw new Fault(
    'MODEL_INPUT_MISMATCH',
    'the model has no spatial layer between its input and the output that is explained',
  );
}
