import type { AttributeProto, NodeProto } from 'onnx-buf';

/** The attributes of a node, with the operator's defaults. */
export interface AttributeReader {
  has(name: string): boolean;
  int(name: string, otherwise: number): number;
  float(name: string, otherwise: number): number;
  text(name: string, otherwise: string): string;
  ints(name: string, otherwise: readonly number[]): readonly number[];
  floats(name: string, otherwise: readonly number[]): readonly number[];
}

export function readAttributes({ attribute }: NodeProto): AttributeReader {
  const find = (name: string): AttributeProto | undefined => attribute.find((a) => a.name === name);
  return {
    has: (name) => find(name) !== undefined,
    int: (name, otherwise) => Number(find(name)?.i ?? otherwise),
    float: (name, otherwise) => find(name)?.f ?? otherwise,
    text: (name, otherwise) => {
      const value = find(name)?.s;
      return value ? new TextDecoder().decode(value) : otherwise;
    },
    ints: (name, otherwise) => find(name)?.ints.map(Number) ?? otherwise,
    floats: (name, otherwise) => find(name)?.floats ?? otherwise,
  };
}
