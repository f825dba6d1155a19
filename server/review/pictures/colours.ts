import type { Rgb } from '../../shared/colour-map.ts';

/** A structure that a model drew. */
export const MASK: Rgb = [77, 208, 225];
/** Of a mask that a person corrected: beside the model's, and told from it in grey too. */
export const CORRECTED: Rgb = [255, 214, 64];
