import { Fault } from '../shared/fault.ts';
import { intoLayout, type Layout } from '../shared/layout.ts';
import { numbersOf, type Runtime } from './graph/runtime.ts';
import type { Subject } from './subject.ts';

interface Options {
  readonly runtime: Runtime;
  /** As the model has them, with the batch axis. */
  readonly inputDims: readonly number[];
  readonly layout: Layout;
  readonly tensor: string;
  /** [1, n, class] */
  readonly of: string;
  readonly ofClass: number;
}

/** The greatest score of a class over all boxes: what a detection decides by. It has no gradient of its own. */
export async function greatestOf(
  model: Uint8Array,
  { runtime, inputDims, layout, tensor, of, ofClass }: Options,
): Promise<Subject & { close(): Promise<void> }> {
  const session = await runtime.open(model);
  const channels = (layout === 'NCHW' ? inputDims[1] : inputDims.at(-1)) ?? 1;
  const space = layout === 'NCHW' ? inputDims.slice(2) : inputDims.slice(1, -1);
  return {
    dims: [channels, ...space],
    score: async (inputs) => {
      const greatest: number[] = [];
      for (const input of inputs) {
        const fed = { type: 'float32', dims: inputDims, data: intoLayout(layout, input, channels) } as const;
        const scores = (await session.run({ [tensor]: fed }, [of]))[of];
        if (!scores) throw new Fault('MODEL_INPUT_MISMATCH', `the model has no output ${of}`);
        const classes = scores.dims.at(-1) ?? 1;
        const own = Array.from(numbersOf(scores)).filter((_, i) => i % classes === ofClass);
        greatest.push(Math.max(...own));
      }
      return greatest;
    },
    close: () => session.close(),
  };
}
