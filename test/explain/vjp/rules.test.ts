import { DataType } from '../../../server/explain/graph/onnx.ts';
import { RULES } from '../../../server/explain/vjp/index.ts';
import type { Rule, Sample } from '../../../server/explain/vjp/rule.ts';
import { buildModel, checkGradient, node } from './gradient-check.ts';

interface Case {
  readonly op: string;
  readonly rule: Rule;
  readonly sample: Sample;
  readonly opset: number;
}

const cases: readonly (readonly [string, Case])[] = Object.entries(RULES).flatMap(([op, rule]) =>
  rule.samples.flatMap((sample, i) =>
    (sample.opsets ?? [17]).map(
      (opset) => [`${op}, sample ${i}, op set ${opset}`, { op, rule, sample, opset }] as const,
    ),
  ),
);

test.each(cases)('%s: the gradient is the slope that the runtime shows', async (_, it) => {
  const { model, of, inputs, type } = oneNode(it);
  for (const { measured, compiled } of await checkGradient(model, { inputs, of, type }))
    expect(compiled).toBeCloseTo(measured, type === DataType.DOUBLE ? 8 : 3);
});

test('every rule has a sample, unless it stands in for an operator that has no gradient', () => {
  const bare = Object.values(RULES).filter(({ samples }) => samples.length === 0);
  expect(bare.filter(({ surrogate }) => surrogate === undefined)).toEqual([]);
});

/** A model of the one node; with several outputs, they are added up with different weights. */
function oneNode({ op, rule, sample, opset }: Case) {
  const type = sample.float32 ? DataType.FLOAT : DataType.DOUBLE;
  const named = sample.x.map((x, i) => (x ? { ...x, name: `x${i}` } : undefined));
  const able = (i: number) => rule.differentiable?.includes(i) ?? true;
  const inputs = named.flatMap((x, i) => (x && !x.kind && able(i) ? [x] : []));
  const kinds = { int64: DataType.INT64, bool: DataType.BOOL, constant: type };
  const weights = named.flatMap((x) =>
    x && !inputs.some((it) => it.name === x.name) ? [{ ...x, type: kinds[x.kind ?? 'constant'] }] : [],
  );
  const outputs = Array.from({ length: sample.outputs ?? 1 }, (_, i) => `y${i}`);
  const flat = outputs.map((y) => node('Reshape', [y, 'flat'], [`${y}/flat`]));
  const joined = outputs.length > 1;
  const model = buildModel({
    opset,
    type,
    inputs,
    weights: joined ? [...weights, { name: 'flat', dims: [1], values: [-1], type: DataType.INT64 }] : weights,
    nodes: [
      node(
        op,
        named.map((x) => x?.name ?? ''),
        outputs,
        sample.a,
      ),
      ...(joined
        ? [
            ...flat,
            node(
              'Concat',
              outputs.map((y) => `${y}/flat`),
              ['y'],
              { axis: 0 },
            ),
          ]
        : []),
    ],
    outputs: [joined ? 'y' : 'y0'],
  });
  return { model, of: joined ? 'y' : 'y0', inputs, type };
}
