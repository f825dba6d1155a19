import { openSubject } from '../explain/onnx-subject.ts';
import { size } from '../explain/subject.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { Fault } from '../shared/fault.ts';
import { layoutDims } from '../shared/layout.ts';
import type { Answers } from './question.ts';
import type { StudiedPicture } from './study.ts';

type Method = ClassificationSpec['explanation']['method'];

/**
 * The method that suits the graph: the exact map where the head is pooling and a linear unit, HiResCAM where there is a spatial
 * layer and every operator has a gradient, else occlusion. `of` is the value that is explained, at its place `target`. `model
 * check` measures whether it is faithful.
 */
export async function proposeMethod(
  bytes: Uint8Array,
  { input }: StudiedPicture,
  { answers, of, target }: { readonly answers: Answers; readonly of: string; readonly target: number },
): Promise<Method> {
  if (answers.method !== undefined && answers.method !== 'auto') return answers.method as Method;
  const rows = input.rows ?? Number(answers.rows);
  const columns = input.columns ?? Number(answers.columns);
  const dims = layoutDims(input.layout, [1, input.channels, rows, columns]);
  const subject = await openSubject(bytes, {
    runtime: onnxRuntime(),
    inputDims: dims,
    layout: input.layout,
    of,
    target,
    layer: answers.layer ?? 'auto',
  });
  try {
    if (subject.exactLayer !== undefined && subject.layer === subject.exactLayer) return 'exactCam';
    await subject.tap(new Float32Array(size(dims)));
    return 'hiResCam';
  } catch (error) {
    if (error instanceof Fault && (error.code === 'VJP_MISSING' || error.code === 'MODEL_INPUT_MISMATCH'))
      return 'occlusion';
    throw error;
  } finally {
    await subject.close();
  }
}
