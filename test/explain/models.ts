import { type Appendix, append, writeModel } from '../../server/explain/graph/onnx.ts';
import type { ElementName } from '../../server/explanation.ts';

/** A model with the graph given: of the standard operators, op set 17, unless told otherwise by domain. */
export const modelOf = (
  graph: Appendix,
  opsets: Readonly<Record<string, bigint>> = { '': 17n },
): Uint8Array =>
  append(
    writeModel({
      $typeName: 'onnx.ModelProto',
      irVersion: 8n,
      opsetImport: Object.entries(opsets).map(([domain, version]) => ({
        $typeName: 'onnx.OperatorSetIdProto',
        domain,
        version,
      })),
      producerName: '',
      producerVersion: '',
      domain: '',
      modelVersion: 0n,
      docString: '',
      metadataProps: [],
      trainingInfo: [],
      functions: [],
      configuration: [],
    }),
    graph,
  );

/** A package whose decision needs these elements. */
export const needing = (...names: readonly ElementName[]) => ({
  elements: Object.fromEntries(
    (
      [
        'localization',
        'visualRecognizability',
        'physicalAttribution',
        'modelTransparency',
        'actionability',
      ] as const
    ).map((name) => [name, { required: names.includes(name) }]),
  ),
});
