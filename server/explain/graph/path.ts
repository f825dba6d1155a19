import { Fault } from '../../shared/fault.ts';
import type { Rule } from '../vjp/rule.ts';
import { isOnnx, type NodeProto } from './onnx.ts';
import { isFloat } from './types.ts';
import { describe, type GraphView } from './view.ts';

export interface Step {
  readonly node: NodeProto;
  readonly rule: Rule;
  /** Inputs that a gradient goes to. */
  readonly inputs: readonly number[];
}

export interface RuleBook {
  readonly rules: Readonly<Record<string, Rule | undefined>>;
  /** Constant by nature: their result has gradient zero. */
  readonly constant: ReadonlySet<string>;
}

/** The nodes between the values `wrt` and the value `of`, last first, with their rules. Throws VJP_MISSING. */
export function findPath(
  view: GraphView,
  { of, wrt }: { readonly of: string; readonly wrt: readonly string[] },
  book: RuleBook,
): readonly Step[] {
  const depends = dependents(view, wrt, book);
  if (!depends.has(of))
    throw new Fault('MODEL_INPUT_MISMATCH', `${of} does not depend on ${wrt.join(' or ')}`);
  const wanted = new Set([of]);
  const steps: Step[] = [];
  for (const node of view.nodes.toReversed()) {
    if (!node.output.some((name) => wanted.has(name) && depends.has(name))) continue;
    if (isConstant(node, book)) continue;
    const rule = ruleOf(node, book) ?? missing(view, node);
    const reached = node.input.flatMap((name, i) => (depends.has(name) ? [i] : []));
    const able = rule.differentiable;
    const stuck = reached.find((i) => able && !able.includes(i));
    if (stuck !== undefined)
      throw new Fault(
        'VJP_MISSING',
        `${describe(node)}, op set ${view.opset}: input ${stuck} depends on the data`,
      );
    if (!rule.surrogate && !rule.moves && node.input.some((n) => standsIn(n, depends, view)))
      throw new Fault(
        'VJP_MISSING',
        `${describe(node)}, op set ${view.opset}: it computes with quantised values`,
      );
    for (const i of reached) wanted.add(node.input[i] ?? '');
    steps.push({ node, rule, inputs: reached });
  }
  return steps;
}

/** What changes with the values `wrt`. */
function dependents(view: GraphView, wrt: readonly string[], book: RuleBook): ReadonlySet<string> {
  const depends = new Set(wrt);
  for (const node of view.nodes) {
    if (isConstant(node, book) || !readsOf(node).some((name) => depends.has(name))) continue;
    const opaque = ruleOf(node, book)?.surrogate !== undefined || node.attribute.some((a) => a.g);
    for (const name of node.output) {
      const type = view.types.get(name);
      if (
        opaque ||
        (type !== undefined && isFloat(type)) ||
        node.input.some((n) => standsIn(n, depends, view))
      )
        depends.add(name);
    }
  }
  return depends;
}

/** Inputs, and what the graphs that a node holds read from outside. */
const readsOf = (node: NodeProto): readonly string[] => [
  ...node.input,
  ...node.attribute.flatMap(({ g }) => g?.node.flatMap(readsOf) ?? []),
];

/** An integer that carries a gradient came from quantisation; shape operators hand it on. */
const standsIn = (name: string, depends: ReadonlySet<string>, view: GraphView): boolean => {
  const type = view.types.get(name);
  return depends.has(name) && type !== undefined && !isFloat(type);
};

const isConstant = (node: NodeProto, { constant }: RuleBook): boolean =>
  isOnnx(node.domain) && constant.has(node.opType);

const ruleOf = (node: NodeProto, { rules }: RuleBook): Rule | undefined =>
  isOnnx(node.domain) && Object.hasOwn(rules, node.opType) ? rules[node.opType] : undefined;

function missing({ opset }: GraphView, node: NodeProto): never {
  const advice = isOnnx(node.domain) ? '' : '; export the model without graph optimisation';
  throw new Fault('VJP_MISSING', `${describe(node)}, op set ${opset}${advice}`);
}
