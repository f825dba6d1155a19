import type { Regions } from './regions.ts';
import { type Differentiable, size } from './subject.ts';

/**
 * All frames of a cine as one subject of a model that reads one: the input is [c, frame, h, w] and the score the mean of the
 * frames' scores. Methods that need no layer then explain place and time together.
 */
export function overFrames(frame: Differentiable, frames: number): Differentiable {
  const dims = [frame.dims[0] as number, frames, ...frame.dims.slice(1)];
  return {
    dims,
    score: async (inputs) => {
      const scores: number[] = [];
      for (const input of inputs) {
        const each = await frame.score(framesOf(input, dims));
        scores.push(each.reduce((a, b) => a + b, 0) / frames);
      }
      return scores;
    },
    gradient: async (input) => {
      const gradients: Float32Array[] = [];
      let score = 0;
      for (const one of framesOf(input, dims)) {
        const found = await frame.gradient(one);
        score += found.score / frames;
        gradients.push(found.gradient.map((g) => g / frames));
      }
      return { score, gradient: joined(gradients, dims) };
    },
  };
}

/** The frames [c, h, w] of a cine [c, frame, h, w]. */
export function framesOf(cine: Float32Array, dims: readonly number[]): readonly Float32Array[] {
  const [channels = 1, frames = 1, ...image] = dims;
  const space = size(image);
  return Array.from({ length: frames }, (_, f) => {
    const out = new Float32Array(channels * space);
    for (let c = 0; c < channels; c++) {
      const at = (c * frames + f) * space;
      out.set(cine.subarray(at, at + space), c * space);
    }
    return out;
  });
}

/** Frames [c, h, w] as a cine [c, frame, h, w]. */
export function joined(images: readonly Float32Array[], dims: readonly number[]): Float32Array {
  const [channels = 1, frames = 1, ...image] = dims;
  const space = size(image);
  const out = new Float32Array(channels * frames * space);
  for (const [f, data] of images.entries()) {
    for (let c = 0; c < channels; c++)
      out.set(data.subarray(c * space, (c + 1) * space), (c * frames + f) * space);
  }
  return out;
}

/** Each frame is one region. */
export function framesAsRegions([frames = 1, ...image]: readonly number[]): Regions {
  const space = size(image);
  return {
    dims: [frames, ...image],
    label: Int32Array.from({ length: frames * space }, (_, i) => Math.floor(i / space)),
    count: frames,
  };
}
