import { z } from 'zod';
import { Regression } from './kind-quantities.ts';
import { Classification, Detection } from './kind-scores.ts';
import { Segmentation } from './kind-structures.ts';

/** model.yaml: what a model is, what it may run on, what comes out, and why its explanation is fit for its use. */
export const ModelSpec = z.discriminatedUnion('kind', [Classification, Detection, Regression, Segmentation]);
export type ModelSpec = z.infer<typeof ModelSpec>;
export type ClassificationSpec = z.infer<typeof Classification>;
export type DetectionSpec = z.infer<typeof Detection>;
export type RegressionSpec = z.infer<typeof Regression>;
export type SegmentationSpec = z.infer<typeof Segmentation>;

/** What an author writes, as a JSON Schema; docs/model.schema.json is a copy. */
export const modelSchema = () => z.toJSONSchema(ModelSpec, { io: 'input' });
