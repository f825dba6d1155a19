import { TestEnvironment } from 'jest-environment-node';

/** Jest runs tests in their own realm; ONNX Runtime's addon returns arrays of the outer one. Share them. */
export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, {
      Float32Array,
      Float64Array,
      BigInt64Array,
      Int32Array,
      Uint8Array,
      Uint16Array,
      Int16Array,
      ArrayBuffer,
    });
  }
}
