import { Fault } from '../../shared/fault.ts';
import type { OnnxSubject } from '../onnx-subject.ts';
import { gridRegions } from '../regions.ts';
import type { Attribution } from '../subject.ts';
import { superpixels } from '../superpixels.ts';
import { ablationCam } from './ablation-cam.ts';
import { eigenCam, gradCam, gradCamPlusPlus, hiResCam, layerCam } from './cam.ts';
import { exactCam } from './exact-cam.ts';
import { inputXGradient, integratedGradients, saliency, smoothGrad } from './gradients.ts';
import { occlusion, occlusionCoarseToFine } from './occlusion.ts';
import { rise } from './rise.ts';
import { scoreCam } from './score-cam.ts';
import { kernelShap, lime } from './surrogate.ts';

export interface MethodInput {
  readonly subject: OnnxSubject;
  readonly input: Float32Array;
  readonly baseline: Float32Array;
}

type Method = (it: MethodInput) => Promise<Attribution>;

/** All attribution methods by the names of their papers, with the parameters that serve most images. */
export const METHODS = {
  exactCam: ({ subject, input, baseline }) => exactCam(subject, input, baseline),
  gradCam: ({ subject, input }) => gradCam(subject, input),
  gradCamPlusPlus: ({ subject, input }) => gradCamPlusPlus(subject, input),
  hiResCam: ({ subject, input }) => hiResCam(subject, input),
  layerCam: ({ subject, input }) => layerCam(subject, input),
  eigenCam: ({ subject, input }) => eigenCam(subject, input),
  scoreCam: ({ subject, input, baseline }) => scoreCam(subject, input, { baseline }),
  ablationCam: ({ subject, input }) => ablationCam(subject, input),
  saliency: ({ subject, input }) => saliency(subject, input),
  inputXGradient: ({ subject, input }) => inputXGradient(subject, input),
  smoothGrad: ({ subject, input }) => smoothGrad(subject, input),
  integratedGradients: ({ subject, input, baseline }) => integratedGradients(subject, input, { baseline }),
  occlusion: ({ subject, input, baseline }) =>
    occlusion(subject, input, { baseline, windowSize: part(subject, 8) }),
  occlusionCoarseToFine: ({ subject, input, baseline }) =>
    occlusionCoarseToFine(subject, input, {
      baseline,
      windowSize: part(subject, 4),
      finest: part(subject, 16),
    }),
  rise: ({ subject, input, baseline }) => rise(subject, input, { baseline, nMasks: 500 }),
  kernelShap: ({ subject, input, baseline }) =>
    kernelShap(subject, input, { baseline, regions: regionsOf(subject, input), nSamples: 400 }),
  lime: ({ subject, input, baseline }) =>
    lime(subject, input, { baseline, regions: regionsOf(subject, input), nSamples: 400 }),
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof METHODS;

export interface Explained {
  readonly attribution: Attribution;
  /** Why another method was used than the one asked for. */
  readonly fallback?: string;
}

/**
 * Explains by the method asked for. A model with an operator that has no gradient is explained by coarse-to-fine
 * occlusion instead, and the result says which operator and which method: never a silent zero.
 */
export async function explainBy(name: MethodName, it: MethodInput): Promise<Explained> {
  try {
    return { attribution: await METHODS[name](it) };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'VJP_MISSING') throw error;
    return {
      attribution: await METHODS.occlusionCoarseToFine(it),
      fallback: `no gradient for ${error.detail}: ${name} was replaced by occlusionCoarseToFine`,
    };
  }
}

/** The shortest edge divided by n, at least one place. */
const part = ({ dims }: OnnxSubject, n: number): number =>
  Math.max(1, Math.round(Math.min(...dims.slice(1)) / n));

/** Superpixels of an image; boxes of a volume. */
const regionsOf = (subject: OnnxSubject, input: Float32Array) =>
  subject.dims.length === 3
    ? superpixels(input, subject.dims, { count: 50 })
    : gridRegions(subject.dims.slice(1), part(subject, 4));
