/**
 * Compares the compiled input gradients of the models in a folder with PyTorch's in float64, entry for entry:
 *
 *     node test/oracle/compare-gradients.ts FOLDER [NAME …]
 *
 * The folder is written by `export_models.py FOLDER --full`. Prints one row of a table for each model.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { compileGradient } from '../../server/explain/graph/compile.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { wave } from '../explain/wave.ts';

const [folder = '.', ...names] = process.argv.slice(2);
const { models } = z
  .object({
    models: z.array(z.object({ name: z.string(), dims: z.array(z.number()), float32_error: z.number() })),
  })
  .parse(JSON.parse(readFileSync(join(folder, 'gradients.json'), 'utf8')));
const say = (...cells: readonly (string | number)[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);

say('model', 'relative L2', 'PyTorch float32’s', '1 − cosine', 'compile ms');
say('---', '---', '---', '---', '---');
for (const { name, dims, float32_error } of models.filter(
  (m) => names.length === 0 || names.includes(m.name),
)) {
  const model = readFileSync(join(folder, `${name}.onnx`));
  const began = performance.now();
  const compiled = await compileGradient(
    model,
    { of: 'y', wrt: ['x'], inputDims: { x: dims } },
    onnxRuntime(),
  );
  const took = performance.now() - began;
  const output = compiled.gradients.x as string;
  const open = await onnxRuntime().open(compiled.bytes);
  const found = await open.run({ x: wave(dims, 0.1), [compiled.seed.name]: wave(compiled.seed.dims, 0.4) }, [
    output,
  ]);
  await open.close();
  const own = Float64Array.from(found[output]?.data ?? [], Number);
  const reference = new Float64Array(new Uint8Array(readFileSync(join(folder, `${name}.f64`))).buffer);
  const error = norm(own.map((v, i) => v - (reference[i] as number))) / norm(reference);
  const cosine = own.reduce((s, v, i) => s + v * (reference[i] as number), 0) / norm(own) / norm(reference);
  say(
    name,
    error.toExponential(1),
    float32_error.toExponential(1),
    (1 - cosine).toExponential(1),
    took.toFixed(0),
  );
}

function norm(v: Float64Array): number {
  return Math.sqrt(v.reduce((s, e) => s + e * e, 0));
}
