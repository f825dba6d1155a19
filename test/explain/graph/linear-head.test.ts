import { readFileSync } from 'node:fs';
import { findLinearHead } from '../../../server/explain/graph/linear-head.ts';
import {
  append,
  DataType,
  makeNode,
  makeTensor,
  parseModel,
  valueInfo,
} from '../../../server/explain/graph/onnx.ts';
import { viewGraph } from '../../../server/explain/graph/view.ts';

type Nodes = readonly ReturnType<typeof makeNode>[];

/** A graph x [1, 2, 3, 3] → y with a weight matrix w. */
const graph = (node: Nodes) =>
  viewGraph(
    parseModel(
      append(new Uint8Array(), {
        node,
        initializer: [makeTensor('w', DataType.FLOAT, { dims: [2, 1], values: [1, 2] })],
        input: [valueInfo('x', DataType.FLOAT, [1, 2, 3, 3])],
        output: [valueInfo('y', DataType.FLOAT, [1, 1])],
      }),
    ),
  );
const dims = (name: string) => (name === 'x' || name === 'h' ? [1, 2, 3, 3] : undefined);
const pool = makeNode('GlobalAveragePool', ['x'], { output: ['p'] });
const mean = (axes: readonly number[]) =>
  makeNode('ReduceMean', ['x'], { output: ['p'], attributes: { axes, keepdims: 0 } });

test.each([
  [
    'pool, flatten, linear',
    [pool, makeNode('Flatten', ['p'], { output: ['f'] }), makeNode('MatMul', ['f', 'w'], { output: ['y'] })],
    'x',
  ],
  ['mean over the space, linear', [mean([2, 3]), makeNode('MatMul', ['p', 'w'], { output: ['y'] })], 'x'],
  [
    'mean over the space from the end',
    [mean([-1, -2]), makeNode('MatMul', ['p', 'w'], { output: ['y'] })],
    'x',
  ],
  ['mean over one axis only', [mean([3]), makeNode('MatMul', ['p', 'w'], { output: ['y'] })], undefined],
  ['mean over channels too', [mean([1, 2, 3]), makeNode('Mul', ['p', 'w'], { output: ['y'] })], undefined],
  [
    'a unit that is not linear',
    [pool, makeNode('Relu', ['p'], { output: ['f'] }), makeNode('MatMul', ['f', 'w'], { output: ['y'] })],
    undefined,
  ],
  ['a product of two features', [pool, makeNode('Mul', ['p', 'p'], { output: ['y'] })], undefined],
  ['a constant divided by a feature', [pool, makeNode('Div', ['w', 'p'], { output: ['y'] })], undefined],
  [
    'no pooling',
    [makeNode('Flatten', ['x'], { output: ['f'] }), makeNode('MatMul', ['f', 'w'], { output: ['y'] })],
    undefined,
  ],
] as readonly (readonly [string, Nodes, string | undefined])[])('%s', (_, nodes, found) => {
  expect(findLinearHead(graph(nodes), 'y', dims)).toBe(found);
});

test('a sigmoid behind the linear unit is no linear head; the value before it is', () => {
  const view = viewGraph(parseModel(new Uint8Array(readFileSync('models/chest-xr-pneumonia/model.onnx'))));
  const features = (name: string) => (name === 'features' ? [1, 1280, 14, 14] : undefined);
  expect(findLinearHead(view, 'prob', features)).toBeUndefined();
  expect(findLinearHead(view, 'logit', features)).toBe('features');
});
