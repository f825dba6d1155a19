import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Volume } from '../server/contracts.ts';
import { evidenceRegions } from '../server/explain/evidence-regions.ts';
import { explainBy } from '../server/explain/methods/index.ts';
import { openSubject } from '../server/explain/onnx-subject.ts';
import { onnxRuntime } from '../server/onnx-runtime.ts';
import { EDGE, testSplit } from './chest-images.ts';

/**
 * On which side the chest model's strongest evidence lies, of the pneumonias that it calls: a model whose evidence always lies in one
 * place says nothing of where a disease is. `npm run evaluate chest-place` keeps the counts in chest-place.json.
 */
const PACKAGE = 'models/chest-xr-pneumonia';
/** The middle tenth of the image belongs to no side. */
const MIDDLE = 0.05;

export interface ChestPlace {
  readonly onnx: string;
  /** Pneumonias of the official test split that the model calls positive. */
  readonly positives: number;
  /** Where the middle of the box of region A lies; left is the patient's. */
  readonly left: number;
  readonly right: number;
  readonly middle: number;
}

const spec = parse(readFileSync(`${PACKAGE}/model.yaml`, 'utf8'));
const subject = await openSubject(new Uint8Array(readFileSync(`${PACKAGE}/model.onnx`)), {
  runtime: onnxRuntime({ intraOpNumThreads: 2 }),
  inputDims: [1, 1, EDGE, EDGE],
  of: spec.output.logits,
  target: 0,
});
const { threshold } = spec.output.targets[0] as { threshold: number };
const limit = Math.log(threshold / (1 - threshold));
const counts = { positives: 0, left: 0, right: 0, middle: 0 };
for (const { input, positive } of testSplit()) {
  const logit = (await subject.score([input]))[0] as number;
  if (!positive || logit < limit) continue;
  const { attribution } = await explainBy('exactCam', { subject, input, baseline: input });
  const [rows = 1, columns = 1] = attribution.dims.slice(-2);
  const image = { shape: [1, rows, columns] } as unknown as Volume;
  const [strongest] = evidenceRegions({ rows, columns, data: attribution.data }, image);
  counts.positives++;
  const at = strongest ? (strongest.region.left + strongest.region.right) / 2 / columns - 0.5 : 0;
  // A radiograph shows the patient's left on its right.
  counts[Math.abs(at) <= MIDDLE ? 'middle' : at > 0 ? 'left' : 'right']++;
}
await subject.close();
const measured: ChestPlace = { onnx: spec.onnx.sha256, ...counts };
writeFileSync('evaluate/chest-place.json', `${JSON.stringify(measured, null, 1)}\n`);
