import { clone } from '@bufbuild/protobuf';
import { type AttributeProto, AttributeProtoSchema, type FunctionProto } from 'onnx-buf';
import { Fault } from '../../shared/fault.ts';
import { checkSize, isOnnx, type ModelProto, type NodeProto } from './onnx.ts';
import { ownNames, renameNodes } from './splice.ts';
import { describe } from './view.ts';

/**
 * The nodes with each call of a local function replaced by the function's own nodes, to any depth. Throws MODEL_FILE_INVALID for
 * functions that call themselves, and for more nodes than are handled.
 */
export function expandFunctions(model: ModelProto, nodes: readonly NodeProto[]): readonly NodeProto[] {
  const done: NodeProto[] = [];
  const expand = (node: NodeProto, within: readonly FunctionProto[]): void => {
    const called = functionOf(model, node);
    if (!called) {
      done.push(node);
      checkSize(done);
      return;
    }
    if (within.includes(called))
      throw new Fault('MODEL_FILE_INVALID', `${describe(node)}: the local function calls itself`);
    for (const inner of instantiate(called, node, model)) expand(inner, [...within, called]);
  };
  for (const node of nodes) expand(node, []);
  return done;
}

export const functionOf = (
  model: ModelProto,
  { domain, opType, overload }: NodeProto,
): FunctionProto | undefined =>
  model.functions.find((f) => f.domain === domain && f.name === opType && f.overload === overload);

function instantiate(called: FunctionProto, call: NodeProto, model: ModelProto): readonly NodeProto[] {
  const version = (imports: FunctionProto['opsetImport']) => imports.find((o) => isOnnx(o.domain))?.version;
  const own = version(called.opsetImport);
  if (own !== undefined && own !== version(model.opsetImport))
    throw new Fault(
      'VJP_MISSING',
      `${describe(call)}: the function is written for op set ${own}, the model for another`,
    );
  const names = new Map<string, string>();
  for (const [i, name] of called.input.entries()) names.set(name, call.input[i] ?? '');
  for (const [i, name] of called.output.entries()) names.set(name, call.output[i] ?? '');
  const inner = ownNames({ node: called.node, initializer: [] });
  const prefix = call.name || call.output[0];
  const renamed = renameNodes(
    called.node,
    (name) => names.get(name) ?? (inner.has(name) ? `${prefix}/${name}` : name),
  );
  for (const node of renamed) node.attribute = node.attribute.flatMap((a) => resolve(a, called, call));
  return renamed;
}

/** An attribute that refers to one of the call: the call's value, the function's default, or nothing. */
function resolve(
  attribute: AttributeProto,
  called: FunctionProto,
  call: NodeProto,
): readonly AttributeProto[] {
  const wanted = attribute.refAttrName;
  if (!wanted) return [attribute];
  const given = [...call.attribute, ...called.attributeProto].find((a) => a.name === wanted);
  if (!given) return [];
  const value = clone(AttributeProtoSchema, given);
  value.name = attribute.name;
  return [value];
}
