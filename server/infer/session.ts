import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Tap } from '../contracts.ts';
import { asFault, Fault } from '../shared/fault.ts';

export interface RunOptions {
  readonly threads: number;
}

type Taps = Readonly<Record<string, Tap>>;
/** One forward run: feeds and results are float32 tensors by name. */
export type Forward = (feeds: Taps, fetches: readonly string[]) => Promise<Taps>;

/** One forward run by `withOnnx`. */
export const runOnnx = (
  onnxPath: string,
  { feeds, fetches, threads }: RunOptions & { readonly feeds: Taps; readonly fetches: readonly string[] },
): Promise<Taps> => withOnnx(onnxPath, { threads }, (forward) => forward(feeds, fetches));

/**
 * Opens a model for some forward runs, and closes it, so that its memory goes back. Throws MODEL_FILE_INVALID for a file that does
 * not load; runs throw MODEL_INPUT_MISMATCH for unknown names and other sizes, MODEL_RUN_FAILED when ORT fails or a value is not finite.
 */
export async function withOnnx<T>(
  onnxPath: string,
  { threads }: RunOptions,
  work: (forward: Forward) => Promise<T>,
): Promise<T> {
  const session = await openSession(onnxPath, threads);
  try {
    return await work(async (feeds, fetches) => {
      checkNames(session, Object.keys(feeds), fetches);
      checkSizes(session, feeds);
      const tensors = Object.fromEntries(
        Object.entries(feeds).map(([name, { data, dims }]) => [name, new Tensor('float32', data, dims)]),
      );
      const results = await session.run(tensors, [...fetches]).catch((cause: unknown) => {
        throw new Fault('MODEL_RUN_FAILED', asFault(cause).detail, { cause });
      });
      return Object.fromEntries(fetches.map((name) => [name, floatTap(name, results[name])]));
    });
  } finally {
    await session.release();
  }
}

async function openSession(onnxPath: string, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(onnxPath, { intraOpNumThreads: threads, logSeverityLevel: 3 });
  } catch (cause) {
    throw new Fault('MODEL_FILE_INVALID', `the ONNX file does not load: ${asFault(cause).detail}`, { cause });
  }
}

function checkNames(session: InferenceSession, feeds: readonly string[], fetches: readonly string[]): void {
  const unknown = [
    ...feeds.filter((name) => !session.inputNames.includes(name)),
    ...session.inputNames.filter((name) => !feeds.includes(name)),
    ...fetches.filter((name) => !session.outputNames.includes(name)),
  ];
  if (unknown.length)
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the ONNX file and model.yaml disagree on: ${unknown.join(', ')}`,
    );
}

/** Against the sizes that the file fixes; open ones take any. */
function checkSizes(session: InferenceSession, feeds: Taps): void {
  for (const [name, { dims }] of Object.entries(feeds)) {
    const said = session.inputMetadata.find((input) => input.name === name);
    const shape = said?.isTensor ? said.shape : dims;
    const fits =
      shape.length === dims.length && shape.every((n, i) => typeof n === 'string' || n === dims[i]);
    // A file may also say nothing of it.
    if (shape.length > 0 && !fits)
      throw new Fault(
        'MODEL_INPUT_MISMATCH',
        `the ONNX file reads ${name} of ${shape.join(' × ')}, by model.yaml it is ${dims.join(' × ')}`,
      );
  }
}

function floatTap(name: string, tensor: Tensor | undefined): Tap {
  if (!(tensor?.data instanceof Float32Array)) {
    throw new Fault('MODEL_INPUT_MISMATCH', `output ${name} is ${tensor?.type ?? 'missing'}, not float32`);
  }
  // A sum is not finite exactly when a value is not (or the sum overflows, which no score or logit does).
  const { data } = tensor;
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] as number;
  if (!Number.isFinite(sum))
    throw new Fault('MODEL_RUN_FAILED', `output ${name} holds values that are not numbers`);
  return { dims: tensor.dims, data: tensor.data };
}
