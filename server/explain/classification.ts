import type { ClassificationFinding, Prediction, Tap, Volume } from '../contracts.ts';
import type { Explanation } from '../explanation.ts';
import type { Model } from '../models/load.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { layoutDims } from '../shared/layout.ts';
import { checkImage } from './checks/image.ts';
import { type Engine, onEngine } from './engine.ts';
import { readModelFile } from './graph/model-file.ts';
import { openSubject } from './onnx-subject.ts';
import { type Explained, explainScore } from './score.ts';

type ClassificationModel = Model & { readonly spec: ClassificationSpec };
type Target = ClassificationSpec['output']['targets'][number];

/**
 * Every score of an image explained on the model itself, by the package's method: a map, its strongest regions with what each
 * carries, measures of how far the map is to be trusted, and what was checked. Throws EXPLANATION_UNFAITHFUL,
 * MODEL_INPUT_MISMATCH.
 */
export async function explainScores(
  model: ClassificationModel,
  { volume, prediction }: { readonly volume: Volume; readonly prediction: Prediction },
  engine: Engine,
): Promise<Explanation> {
  const { input } = prediction;
  if (!input) throw new Fault('INTERNAL', 'a classification came without what the model saw');
  const { spec } = model;
  const { logits, scores, targets } = spec.output;
  const bytes = await readModelFile(model.onnxPath);
  const options = optionsOf(spec, input, engine);
  const open = (target: Target, of: string, layer: string) =>
    openSubject(bytes, { ...options, target: target.place, of, layer });
  const image = await checkImage(model, {
    volume,
    input,
    open: (layer) => open(targets[0] as Target, logits, layer),
  });
  const done: Explained[] = [];
  for (const [index, target] of targets.entries()) {
    const [subject, whole] = [
      await open(target, logits, spec.explanation.layer),
      await open(target, scores, 'auto'),
    ];
    try {
      const finding = prediction.findings[index] as ClassificationFinding;
      const { explanation } = spec;
      const { anatomy } = prediction;
      const question = {
        index,
        finding,
        target,
        explanation,
        subject,
        scores: whole,
        volume,
        anatomy,
        ...image,
      };
      done.push(await explainScore({ ...question, input: input.data }));
    } finally {
      await subject.close();
      await whole.close();
    }
  }
  return {
    maps: done.map(({ map }) => map),
    findings: done.map(({ finding }) => finding),
    checks: [...image.ofImage, ...done.flatMap(({ checks }) => checks)],
  };
}

/** How subjects of a model of one image are opened. */
export const optionsOf = (spec: Pick<ClassificationSpec, 'input' | 'onnx'>, input: Tap, engine: Engine) => ({
  ...onEngine(engine, spec.onnx.sha256),
  inputDims: layoutDims(spec.input.layout, input.dims),
  layout: spec.input.layout,
});
