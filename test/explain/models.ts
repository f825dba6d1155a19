import { type Appendix, append, writeModel } from '../../server/explain/graph/onnx.ts';

/** A model of the standard operators, op set 17, with the graph given. */
export const modelOf = (graph: Appendix): Uint8Array =>
  append(
    writeModel({
      $typeName: 'onnx.ModelProto',
      irVersion: 8n,
      opsetImport: [{ $typeName: 'onnx.OperatorSetIdProto', domain: '', version: 17n }],
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
