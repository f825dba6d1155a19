import { framesAsRegions, joined, overFrames } from '../explain/cine.ts';
import { lossOfEach } from '../explain/methods/occlusion.ts';
import { paint } from '../explain/regions.ts';
import type { Attribution, Differentiable } from '../explain/subject.ts';
import { Fault } from '../shared/fault.ts';
import type { Answer } from './explain-input.ts';

/** What each frame adds to the mean score: what is lost when it alone shows its baseline. */
export async function overTime(
  subject: Differentiable,
  frames: readonly Float32Array[],
  baseline: (frame: Float32Array) => Float32Array,
): Promise<Answer> {
  const cine = overFrames(subject, frames.length);
  const space = cine.dims.slice(1);
  const regions = framesAsRegions(space);
  const lost = await lossOfEach(cine, joined(frames, cine.dims), {
    baseline: joined(
      frames.map((frame) => baseline(frame)),
      cine.dims,
    ),
    regions,
    which: frames.map((_, f) => f),
  });
  return {
    attribution: {
      method: 'occlusion',
      dims: space,
      data: paint(regions, lost),
      parameters: { regions: 'frames', frames: frames.length },
    },
    facts: { scores: await subject.score(frames), lost: [...lost] },
  };
}

/** Maps of frames one behind the other: [frame, …map], or [c, frame, …space] where they have the input's channels. */
export function stacked(maps: readonly Attribution[], dims: readonly number[]): Attribution {
  const [first] = maps;
  if (!first) throw new Fault('REQUEST_INVALID', 'the input has no frame');
  const channelled = first.dims.length === dims.length;
  const [c, ...rest] = channelled ? first.dims : [1, ...first.dims];
  const all = [c as number, maps.length, ...rest];
  const data = joined(
    maps.map((m) => m.data),
    all,
  );
  return {
    ...first,
    dims: channelled ? all : all.slice(1),
    data,
    parameters: { ...first.parameters, frames: maps.length },
  };
}
