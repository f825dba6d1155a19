import { InferenceSession, Tensor } from 'onnxruntime-node';

/** A process that computes and does nothing else: `compute.ts <model.onnx>`. Says when it is ready; told for how many ms, it says how often the model ran, by one thread. */

const session = await InferenceSession.create(process.argv[2] ?? '', { intraOpNumThreads: 1 });
const feeds = Object.fromEntries(
  session.inputMetadata.flatMap((input) => {
    if (!input.isTensor) return [];
    const shape = input.shape.map((length) => (typeof length === 'number' ? length : 1));
    const size = shape.reduce((all, length) => all * length, 1);
    return [[input.name, new Tensor('float32', new Float32Array(size).fill(0.5), shape)]];
  }),
);
for (let i = 0; i < 3; i++) await session.run(feeds);

process.once('message', async (ms) => {
  const until = performance.now() + Number(ms);
  let runs = 0;
  for (; performance.now() < until; runs++) await session.run(feeds);
  process.send?.(runs);
  process.disconnect();
});
process.send?.('ready');
