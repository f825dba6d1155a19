import { CODES, type Code } from '../../dicom/code.ts';
import type { MethodName } from './index.ts';

export interface MethodFacts {
  /** As readers know it. */
  readonly name: string;
  /** CID 217; what has no code of its own there is a saliency. */
  readonly quantity: Code;
  /** What the map shows, in one plain sentence. */
  readonly shows: string;
  /** The map's values add up to the score. */
  readonly exact: boolean;
}

const cam = (name: string): MethodFacts => ({
  name,
  quantity: CODES.gradCam,
  shows: 'The map shows where the features that raised the score lie, as coarse as the layer they come from.',
  exact: false,
});

const gradient = (name: string): MethodFacts => ({
  name,
  quantity: CODES.saliency,
  shows: 'The map shows the pixels that the score reacts to most; single pixels mean little.',
  exact: false,
});

const perturbation = (name: string): MethodFacts => ({
  name,
  quantity: CODES.saliency,
  shows: 'The map shows how the score falls when parts of the image are hidden.',
  exact: false,
});

/** What results say of each method. */
export const METHOD_FACTS: Readonly<Record<MethodName, MethodFacts>> = {
  exactCam: {
    name: 'exact class activation map',
    quantity: CODES.classActivation,
    shows: 'The cells of the map add up exactly to the score.',
    exact: true,
  },
  gradCam: cam('Grad-CAM'),
  gradCamPlusPlus: cam('Grad-CAM++'),
  hiResCam: cam('HiResCAM'),
  layerCam: cam('LayerCAM'),
  eigenCam: {
    ...cam('Eigen-CAM'),
    shows: 'The map shows where the model’s strongest features lie, whatever they speak for.',
  },
  scoreCam: cam('Score-CAM'),
  ablationCam: cam('Ablation-CAM'),
  saliency: gradient('saliency'),
  inputXGradient: gradient('input × gradient'),
  smoothGrad: gradient('SmoothGrad'),
  integratedGradients: {
    ...gradient('integrated gradients'),
    shows: 'The pixels of the map add up to what the image adds to the score of a blurred one.',
  },
  occlusion: perturbation('occlusion'),
  occlusionCoarseToFine: perturbation('occlusion, coarse to fine'),
  rise: perturbation('RISE'),
  kernelShap: perturbation('KernelSHAP'),
  lime: perturbation('LIME'),
};
