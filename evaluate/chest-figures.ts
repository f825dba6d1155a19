import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { openSubject } from '../server/explain/onnx-subject.ts';
import { calibrate } from '../server/infer/calibrate.ts';
import type { Calibration } from '../server/models/scores.ts';
import { onnxRuntime } from '../server/onnx-runtime.ts';
import { calibrationError, type Scored } from '../server/packages/fit-calibration.ts';
import { EDGE, type Source, testSplit } from './chest-images.ts';
import { writeBetween } from './page.ts';
import { areaUnderRoc, bootstrap, type Estimate } from './statistics.ts';

/**
 * How well the chest model tells pneumonia from none: the whole official test split, on the ONNX file of the package, by ONNX Runtime.
 * `npm run evaluate chest-figures` keeps the figures in chest-figures.json and writes the table of the model's card.
 */
const PACKAGE = 'models/chest-xr-pneumonia';
const MEASURED = 'evaluate/chest-figures.json';
const PYTORCH = 'evaluate/chest-pytorch.json';

export interface ChestFigures {
  readonly onnx: string;
  readonly threshold: number;
  readonly images: number;
  /** Largest difference of a score from PyTorch's, whose JPEG decoder is another one. */
  readonly worstScore: number;
  readonly figures: Readonly<Record<string, Estimate>>;
}

interface ScoredImage extends Scored {
  readonly source: Source;
}

const spec = parse(readFileSync(`${PACKAGE}/model.yaml`, 'utf8'));
const { threshold, calibration } = spec.output.targets[0] as { threshold: number; calibration: Calibration };
const expected = JSON.parse(readFileSync(PYTORCH, 'utf8')) as Readonly<Record<string, number>>;
const subject = await openSubject(new Uint8Array(readFileSync(`${PACKAGE}/model.onnx`)), {
  runtime: onnxRuntime({ intraOpNumThreads: 2 }),
  inputDims: [1, 1, EDGE, EDGE],
  of: 'prob',
  target: 0,
});

const scored: ScoredImage[] = [];
let worstScore = 0;
for (const { file, input, source, positive } of testSplit()) {
  const score = (await subject.score([input]))[0] as number;
  scored.push({ source, positive, score });
  worstScore = Math.max(worstScore, Math.abs(score - (expected[file] ?? Number.NaN)));
}
await subject.close();

const measured: ChestFigures = {
  onnx: spec.onnx.sha256,
  threshold,
  images: scored.length,
  worstScore: rounded(worstScore),
  figures: {
    AUC: estimate(scored, areaUnderRoc),
    sensitivity: positiveShare(scored.filter((s) => s.positive)),
    specificity: negativeShare(scored.filter((s) => !s.positive)),
    'calibration error of the score': estimate(scored, calibrationError),
    'calibration error of the probability': estimate(
      scored.map((s) => ({ ...s, score: calibrate(s.score, calibration) })),
      calibrationError,
    ),
    'sensitivity, bacterial': positiveShare(scored.filter((s) => s.source === 'bacteria')),
    'sensitivity, viral': positiveShare(scored.filter((s) => s.source === 'virus')),
    'specificity, files IM': negativeShare(scored.filter((s) => s.source === 'IM')),
    'specificity, files NORMAL2': negativeShare(scored.filter((s) => s.source === 'NORMAL2')),
  },
};
writeFileSync(MEASURED, `${JSON.stringify(measured, null, 1)}\n`);
writeBetween(`${PACKAGE}/card.md`, 'figures', table(measured));

function positiveShare(of: readonly ScoredImage[]): Estimate {
  return estimate(of, (drawn) => drawn.filter((s) => s.score >= threshold).length / drawn.length);
}

function negativeShare(of: readonly ScoredImage[]): Estimate {
  return estimate(of, (drawn) => drawn.filter((s) => s.score < threshold).length / drawn.length);
}

function estimate(of: readonly ScoredImage[], figure: (drawn: readonly ScoredImage[]) => number): Estimate {
  const { value, low, high } = bootstrap(of, figure);
  return { value: rounded(value), low: rounded(low), high: rounded(high) };
}

function table({ images, figures, worstScore }: ChestFigures): string {
  const lines = Object.entries(figures).map(([name, { value, low, high }]) => {
    const [shown, from, to] = [value, low, high].map((v) => v.toFixed(3));
    return `| ${name} | ${shown} (${from} to ${to}) |`;
  });
  return `| ${images} radiographs | value (95 % interval) |
|---|---|
${lines.join('\n')}

Largest difference of a score from PyTorch's, whose JPEG decoder is another one: ${worstScore.toFixed(3)}.
`;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
