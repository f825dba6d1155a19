import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { openSubject } from '../server/explain/onnx-subject.ts';
import { onnxRuntime } from '../server/onnx-runtime.ts';
import { EDGE, heldOut } from './chest-images.ts';

/**
 * What the chest model calls of the patients held out of training, by whom its threshold was chosen. `npm run evaluate chest-held-out` keeps the
 * counts in chest-held-out.json.
 */
const PACKAGE = 'models/chest-xr-pneumonia';

export interface ChestHeldOut {
  readonly onnx: string;
  readonly threshold: number;
  readonly normal: Called;
  readonly pneumonia: Called;
}

interface Called {
  readonly images: number;
  readonly called: number;
}

const spec = parse(readFileSync(`${PACKAGE}/model.yaml`, 'utf8'));
const { threshold } = spec.output.targets[0] as { threshold: number };
const subject = await openSubject(new Uint8Array(readFileSync(`${PACKAGE}/model.onnx`)), {
  runtime: onnxRuntime({ intraOpNumThreads: 2 }),
  inputDims: [1, 1, EDGE, EDGE],
  of: 'prob',
  target: 0,
});
const counts = { normal: { images: 0, called: 0 }, pneumonia: { images: 0, called: 0 } };
for (const { input, positive } of heldOut()) {
  const score = (await subject.score([input]))[0] as number;
  const count = counts[positive ? 'pneumonia' : 'normal'];
  count.images++;
  if (score >= threshold) count.called++;
}
await subject.close();
const measured: ChestHeldOut = { onnx: spec.onnx.sha256, threshold, ...counts };
writeFileSync('evaluate/chest-held-out.json', `${JSON.stringify(measured, null, 1)}\n`);
