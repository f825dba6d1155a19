import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { compileGradient } from '../../../server/explain/graph/compile.ts';
import { onnxRuntime } from '../../../server/onnx-runtime.ts';
import { wave } from '../wave.ts';

/** Reference gradients by PyTorch in float64: `test/oracle/export_models.py` made them and says how. */
const folder = 'test/oracle/gradients';
const { models } = z
  .object({
    models: z.array(
      z.object({
        name: z.string(),
        dims: z.array(z.number()),
        outputs: z.number(),
        step: z.number(),
        entries: z.array(z.number()),
        float32_error: z.number(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(`${folder}/gradients.json`, 'utf8')));

/** ORT and PyTorch order their sums differently, so their float32 errors differ by a small factor. */
const FACTOR = 4;

test.each(models)('the input gradient of $name equals PyTorch’s in float64, within float32', async (it) => {
  const model = readFileSync(`${folder}/${it.name}.onnx`);
  const compiled = await compileGradient(
    model,
    { of: 'y', wrt: ['x'], inputDims: { x: it.dims } },
    onnxRuntime(),
  );
  const open = await onnxRuntime().open(compiled.bytes);
  const { dx } = await open
    .run({ x: wave(it.dims, 0.1), [compiled.seed.name]: wave(compiled.seed.dims, 0.4) }, [
      compiled.gradients.x as string,
    ])
    .then((found) => ({ dx: Array.from(found[compiled.gradients.x as string]?.data ?? [], Number) }))
    .finally(() => open.close());
  const own = it.entries.map((_, i) => dx[i * it.step] as number);
  const difference = own.map((v, i) => v - (it.entries[i] as number));
  expect(norm(difference) / norm(it.entries)).toBeLessThan(Math.max(FACTOR * it.float32_error, 2e-6));
  expect(compiled.surrogate === null).toBe(it.name !== 'qdq');
});

const norm = (v: readonly number[]): number => Math.hypot(...v);
