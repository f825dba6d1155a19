import type { Value } from '../graph/emitter.ts';
import { float } from '../graph/onnx.ts';
import { range } from '../graph/ops.ts';
import type { Context, Rules } from './rule.ts';
import { between } from './samples.ts';

const m = (...dims: number[]) => between(-1, 1, dims);

export const MATMUL: Rules = {
  /** Y = A B: g Bᵀ and Aᵀ g, over batches that broadcast. A vector stands for one row or one column. */
  MatMul: {
    gradient: ({ e, g, x, y }, input) => {
      const row = x(0).dims.length === 1;
      const column = x(1).dims.length === 1;
      const a = row ? e.reshape(x(0), [1, ...x(0).dims]) : x(0);
      const b = column ? e.reshape(x(1), [...x(1).dims, 1]) : x(1);
      const batch = y.dims.slice(0, y.dims.length - (row ? 0 : 1) - (column ? 0 : 1));
      const matrix = e.reshape(g, [...batch, a.dims.at(-2) ?? 1, b.dims.at(-1) ?? 1]);
      if (input === 0) return e.matMul(matrix, e.matrixTranspose(b));
      const found = e.matMul(e.matrixTranspose(a), matrix);
      return column ? e.reshape(found, found.dims.slice(0, -1)) : found;
    },
    samples: [
      { x: [m(2, 3), m(3, 4)], opsets: [7, 17, 22] },
      { x: [m(2, 3, 4), m(4, 5)] },
      { x: [m(2, 1, 3, 4), m(3, 4, 2)] },
      { x: [m(3), m(3, 4)] },
      { x: [m(2, 3), m(3)] },
      { x: [m(3), m(2, 3, 4)] },
      { x: [m(2, 4, 3), m(3)] },
      { x: [m(3), m(3)] },
    ],
  },
  /** Y = α A′B′ + β C, where ′ transposes if asked. */
  Gemm: {
    gradient: ({ e, a, g, x }, input) => {
      if (input === 2) return scaled(a.float('beta', 1), g);
      const turn = (v: Value, name: string) => (a.int(name, 0) ? e.matrixTranspose(v) : v);
      const left = turn(x(0), 'transA');
      const right = turn(x(1), 'transB');
      const s = scaled(a.float('alpha', 1), g);
      return input === 0
        ? turn(e.matMul(s, e.matrixTranspose(right)), 'transA')
        : turn(e.matMul(e.matrixTranspose(left), s), 'transB');

      function scaled(by: number, v: Value): Value {
        return by === 1 ? v : e.mul(v, by);
      }
    },
    samples: [
      { x: [m(2, 3), m(3, 4), m(4)], opsets: [7, 11, 17] },
      { x: [m(2, 3), m(4, 3), m(2, 1)], a: { transB: 1, alpha: float(0.5), beta: float(2) } },
      { x: [m(3, 2), m(4, 3)], a: { transA: 1, transB: 1 } },
    ],
  },
  /** Letters that only one operand has are summed over: their adjoint repeats. */
  Einsum: {
    gradient: (c, input) => {
      const { e, g, x, inputs } = c;
      const { terms, result } = equationOf(c);
      const own = terms[input] ?? '';
      const others = range(0, inputs).filter((i) => i !== input);
      const known = new Set([...result, ...others.flatMap((i) => [...(terms[i] ?? '')])]);
      const dimOf = (l: string) => x(input).dims[own.indexOf(l)] ?? 1;
      // A 1 that was broadcast is summed over like a letter of others.
      const letters = [...own].filter((l) => known.has(l) && dimOf(l) > 1);
      const equation = `${[result, ...others.map((i) => terms[i])].join()}->${letters.join('')}`;
      const found = e.op('Einsum', [g, ...others.map(x)], {
        dims: letters.map(dimOf),
        attributes: { equation },
      });
      const open = [...own].map((l) => (letters.includes(l) ? dimOf(l) : 1));
      return e.expand(e.reshape(found, open), x(input).dims);
    },
    samples: [
      { x: [m(2, 3, 4), m(2, 4, 5)], a: { equation: 'bij,bjk->bik' }, opsets: [12, 17] },
      { x: [m(2, 3), m(4, 3)], a: { equation: 'ij, kj -> ki' } },
      { x: [m(2, 3), m(3)], a: { equation: 'ij,j->j' } },
      { x: [m(2, 3)], a: { equation: 'ij->j' } },
      { x: [m(2, 3, 4), m(4, 5)], a: { equation: '...ij,jk->...ik' } },
      { x: [m(2, 1, 3, 4), m(2, 5, 4, 2)], a: { equation: '...ij,...jk->...ik' } },
      { x: [m(2, 3, 4), m(3, 4)], a: { equation: 'b...,...->...b' } },
      { x: [m(2, 3, 4)], a: { equation: 'i...j->...i' } },
      { x: [m(3, 4), m(4, 2)], a: { equation: 'zb,ba' } },
    ],
  },
};

/** The equation with letters in place of the ellipsis, and with its result, which may be left out: then it is all that is not summed. */
function equationOf({ a, x, inputs, refuse }: Context): { terms: readonly string[]; result: string } {
  const equation = a.text('equation', '').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  const given = left.split(',');
  const unused = [...LETTERS].filter((l) => !equation.includes(l));
  const open = range(0, inputs).map((i) => x(i).dims.length - (given[i] ?? '').replace('...', '').length);
  const most = open.reduce((p, n, i) => (given[i]?.includes('...') ? Math.max(p, n) : p), 0);
  const fresh = unused.slice(0, most).join('');
  const terms = given.map((t, i) => t.replace('...', fresh.slice(most - (open[i] ?? 0))));
  if (most > unused.length || terms.some((t) => new Set(t).size < t.length))
    return refuse(`the equation ${equation} takes a diagonal`);
  const once = [...new Set(left.replace(/[.,]/g, ''))].filter((l) => left.split(l).length === 2);
  return { terms, result: right?.replace('...', fresh) ?? fresh + once.toSorted().join('') };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
