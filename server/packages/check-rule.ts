import { readModelFile } from '../explain/graph/model-file.ts';
import { DataType, parseModel, type TensorProto } from '../explain/graph/onnx.ts';
import type { Outcome, Planned } from './planned.ts';

/** More numbers than this nobody follows: then it is a learned model that calls itself a rule. */
const MOST = 32;

/** A model that says that it is a rule: its numbers are few, and the rule names each. */
export const ruleCheck = (onnxPath: string, rule: string): Planned => ({
  name: 'rule',
  wanted: `at most ${MOST} numbers in the graph, each threshold of it in the rule’s words`,
  measure: () => check(onnxPath, rule),
});

async function check(onnxPath: string, rule: string): Promise<Outcome> {
  const { graph } = parseModel(await readModelFile(onnxPath));
  const floats = graph.initializer.filter((t) => t.dataType === DataType.FLOAT);
  const count = graph.initializer.reduce((sum, t) => sum + lengthOf(t), 0);
  const nested = graph.node.some((n) => n.opType === 'Constant' || n.attribute.some((a) => a.t || a.g));
  if (count > MOST || nested)
    return { passed: false, measured: nested ? 'numbers are hidden inside its nodes' : `${count} numbers` };
  const said = new Set(rule.match(/-?\d+(\.\d+)?/g)?.map(Number));
  const compared = new Set(graph.node.filter((n) => /Greater|Less/.test(n.opType)).flatMap((n) => n.input));
  const unsaid = floats.filter((t) => compared.has(t.name) && !valuesOf(t).every((v) => said.has(v)));
  return unsaid.length > 0
    ? { passed: false, measured: `the rule does not say ${unsaid.flatMap(valuesOf).join(', ')}` }
    : { passed: true, measured: `${count} numbers; the rule says every threshold` };
}

const lengthOf = (t: TensorProto): number => t.dims.reduce((n, d) => n * Number(d), 1);

const valuesOf = ({ rawData, floatData }: TensorProto): number[] =>
  rawData.length > 0 ? [...new Float32Array(Uint8Array.from(rawData).buffer)] : [...floatData];
