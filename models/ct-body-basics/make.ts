import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { parse } from 'yaml';
import {
  append,
  DataType,
  makeNode,
  makeTensor,
  type NodeProto,
  valueInfo,
  writeModel,
} from '../../server/explain/graph/onnx.ts';
import { sha256 } from '../../server/shared/digest.ts';

/**
 * Writes model.onnx: the rule that model.yaml states, as a graph. `node models/ct-body-basics/make.ts` after a change of the
 * numbers, then model.yaml's SHA-256, `model record` and `model check`.
 *
 * hu [1, 1, slice, row, column], voxels of 2.5 × 1.25 × 1.25 mm, rows to posterior and columns to left → classes [1, 5, slice, row, column]: 10 for
 * the class that a voxel has, 0 for the others; outside, lung, fat, soft tissue, dense.
 */

/** HU from which each class holds, up to the next. */
const FROM = { lung: -950, fat: -250, softTissue: -30, dense: 200 } as const;
/** Edge of the square that must fit into the body within its slice, voxels: 6.25 mm. Tables and sheets are thinner. */
const BODY = 5;

const nodes: NodeProto[] = [];
const numbers = new Map<string, number>();
/** A node with one result, which has its name. */
function step(name: string, op: string, inputs: readonly string[], attributes = {}): string {
  nodes.push(makeNode(op, inputs, { output: [name], attributes }));
  return name;
}
function number(name: string, value: number): string {
  numbers.set(name, value);
  return name;
}

const around = (edge: number) => [0, edge, edge, 0, edge, edge];
const widest = { kernel_shape: [1, BODY, BODY], pads: around((BODY - 1) / 2) };
const floats = { to: DataType.FLOAT };

/** 1 where the smoothed HU are at least so many, else 0. */
const atLeast = (name: string, hu: number): string =>
  step(name, 'Cast', [step(`${name}?`, 'GreaterOrEqual', ['smooth', number(`${name}From`, hu)])], floats);
const not = (of: string): string => step(`not ${of}`, 'Sub', [number('one', 1), of]);

step('smooth', 'AveragePool', ['hu'], {
  kernel_shape: [3, 5, 5],
  pads: [1, 2, 2, 1, 2, 2],
  count_include_pad: 0,
});
const fat = atLeast('fatOrMore', FROM.fat);
// Opened: what a square of BODY voxels fits into.
const core = step('core', 'Sub', ['one', step('near air', 'MaxPool', [not(fat)], widest)]);
const body = step('body', 'MaxPool', [core], widest);

/** 1 where the body lies on this side of a voxel in its slice, or at it. */
const onSide = (name: string, axis: 'rows' | 'columns', reverse: 0 | 1): string =>
  step(name, 'Min', [step(`${name} count`, 'CumSum', [body, axis], { reverse }), 'one']);
const inside = step('inside', 'Min', [
  onSide('in front', 'rows', 0),
  onSide('behind', 'rows', 1),
  onSide('on the right', 'columns', 0),
  onSide('on the left', 'columns', 1),
]);

const lung = atLeast('lungOrMore', FROM.lung);
const soft = atLeast('softTissueOrMore', FROM.softTissue);
const dense = atLeast('denseOrMore', FROM.dense);
const within = (name: string, low: string, high: string): string =>
  step(name, 'Mul', [inside, step(`${name} band`, 'Sub', [low, high])]);
const classes = [
  within('lung', lung, fat),
  within('fat', fat, soft),
  within('softTissue', soft, dense),
  step('dense', 'Mul', [inside, dense]),
];
const outside = not(step('any', 'Sum', classes));
step('classes', 'Mul', [
  step('one of five', 'Concat', [outside, ...classes], { axis: 1 }),
  number('ten', 10),
]);

const space = ['slices', 'height', 'width'];
const bytes = append(
  writeModel(
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'Pellucid',
      opsetImport: [{ domain: '', version: 17n }],
    }),
  ),
  {
    node: nodes,
    initializer: [
      ...[...numbers].map(([name, value]) => makeTensor(name, DataType.FLOAT, { dims: [], values: [value] })),
      makeTensor('rows', DataType.INT64, { dims: [], values: [3] }),
      makeTensor('columns', DataType.INT64, { dims: [], values: [4] }),
    ],
    input: [valueInfo('hu', DataType.FLOAT, [1, 1, ...space])],
    output: [valueInfo('classes', DataType.FLOAT, [1, 5, ...space])],
  },
);
const folder = import.meta.dirname;
writeFileSync(join(folder, 'model.onnx'), bytes);
const { onnx } = parse(readFileSync(join(folder, 'model.yaml'), 'utf8')) as { onnx: { sha256: string } };
process.stdout.write(
  onnx.sha256 === sha256(bytes) ? 'as model.yaml says\n' : `model.yaml must say ${sha256(bytes)}\n`,
);
