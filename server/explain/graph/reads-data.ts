import type { GraphView } from './view.ts';

/** Tells of a value whether it depends on more than the shapes of the inputs. Nodes that hold graphs are taken to. */
export function dataReader({
  nodes,
  inputs,
}: Pick<GraphView, 'nodes' | 'inputs'>): (value: string) => boolean {
  const known = new Map(inputs.map(({ name }) => [name, true]));
  for (const { opType, input, output, attribute } of nodes) {
    const blind = opType === 'Shape' || opType === 'Size';
    const reads = !blind && (attribute.some((a) => a.g) || input.some((name) => known.get(name)));
    for (const name of output) known.set(name, reads);
  }
  return (value) => known.get(value) ?? false;
}
