import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { DataType } from '../../server/explain/graph/onnx.ts';
import { sha256 } from '../../server/shared/digest.ts';
import { buildModel, node } from '../explain/vjp/gradient-check.ts';
import { accept } from './accepted.ts';
import { radiograph } from './radiograph.ts';

export interface MadeClassifier {
  readonly id: string;
  readonly label: string;
  /** SNOMED CT code and its meaning. */
  readonly type: readonly [value: string, meaning: string];
  /** How many cells of a bright spot make a score of one half. */
  readonly cells: number;
}

/** Of the model's picture. */
const EDGE = 32;
/** Pixels of the image in a cell of the model. */
const CELL = 8;
/** Of 0..1: what is above counts as bright. */
const BRIGHT = 0.75;

/**
 * A package that looks for bright spots and takes milliseconds: Conv, Relu, mean over space, one linear unit, sigmoid. It is accepted, so that it runs
 * through the whole pipeline as any other.
 */
export async function madeClassifier(
  folder: string,
  { id, label, type, cells }: MadeClassifier,
): Promise<void> {
  const onnx = buildModel({
    opset: 17,
    type: DataType.FLOAT,
    inputs: [{ name: 'input', dims: [1, 1, EDGE, EDGE], values: [] }],
    weights: [
      { name: 'w', dims: [1, 1, 1, 1], values: [1] },
      { name: 'b', dims: [1], values: [-BRIGHT] },
      // A cell of full brightness adds 1 − BRIGHT to the sum of all; one more or less than `cells` moves the logit by 0.25.
      { name: 'head', dims: [1, 1], values: [(EDGE * EDGE * 0.25) / (1 - BRIGHT)] },
      { name: 'bias', dims: [1], values: [-0.25 * cells] },
    ],
    nodes: [
      node('Conv', ['input', 'w', 'b'], ['contrast']),
      node('Relu', ['contrast'], ['features']),
      node('GlobalAveragePool', ['features'], ['pooled']),
      node('Flatten', ['pooled'], ['flat']),
      node('Gemm', ['flat', 'head', 'bias'], ['logit']),
      node('Sigmoid', ['logit'], ['prob']),
    ],
    outputs: ['prob'],
  });
  const spec = parse(readFileSync('models/chest-xr-pneumonia/model.yaml', 'utf8'));
  const [target] = spec.output.targets;
  const { checks: _, ...rest } = spec;
  const own = {
    ...rest,
    id,
    name: label,
    version: '1.0.0',
    licence: 'Made for a test',
    limits: ['It knows brightness alone.'],
    onnx: { file: 'model.onnx', sha256: sha256(onnx) },
    input: { tensor: 'input', rows: EDGE, columns: EDGE, window: 'exact' },
    output: {
      scores: 'prob',
      logits: 'logit',
      targets: [
        {
          place: 0,
          threshold: 0.5,
          calibrated: false,
          label: { ...target.label, label, type: { value: type[0], scheme: 'SCT', meaning: type[1] } },
        },
      ],
    },
    explanation: { method: 'exactCam' },
  };
  const home = join(folder, id);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'model.onnx'), onnx);
  writeFileSync(join(home, 'model.yaml'), stringify(own));
  writeFileSync(join(home, 'card.md'), `# ${label}\n\nIt knows brightness alone.\n`);
  await accept(home);
}

/** A radiograph of 256 × 256 with a bright spot of `rows` × `columns` cells of the model, in the upper right quarter of the picture. */
export function spotted(
  study: string,
  [rows, columns]: readonly [number, number],
  attributes: Readonly<Record<string, unknown>> = {},
): Buffer {
  const edge = EDGE * CELL;
  const isIn = (i: number): boolean => {
    const [row, column] = [Math.floor(i / edge) / CELL, (i % edge) / CELL];
    return row >= 4 && row < 4 + rows && column >= 18 && column < 18 + columns;
  };
  // Darker to the left and above, with a grain: an image that uses its greys.
  const greyAt = (i: number): number => Math.round(((i % edge) + i / edge) * 0.9) + ((i * 7_919) % 61);
  return radiograph({
    study,
    attributes: {
      PatientID: study,
      PixelSpacing: ['0.5', '0.5'],
      WindowCenter: '500',
      WindowWidth: '1000',
      PixelData: Uint16Array.from({ length: edge * edge }, (_, i) => (isIn(i) ? 1000 : greyAt(i))),
      ...attributes,
    },
  });
}
