/**
 * Forward and backward against forward alone, in ONNX Runtime:
 *
 *     node bench/explain.ts FOLDER [--threads=2] [NAME …]
 *
 * The folder is written by `test/oracle/export_models.py FOLDER --full`. Median wall milliseconds of 15 runs after 3.
 * `test/oracle/bench_torch.py` prints the same for PyTorch.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { compileGradient } from '../server/explain/graph/compile.ts';
import type { Tensor } from '../server/explain/graph/runtime.ts';
import { ort } from '../test/explain/ort.ts';
import { wave } from '../test/explain/wave.ts';

const words = process.argv.slice(2);
const [folder = '.', ...names] = words.filter((w) => !w.startsWith('--'));
const threads = Number(words.find((w) => w.startsWith('--threads='))?.split('=')[1] ?? 2);
const runtime = ort({ intraOpNumThreads: threads });
const { models } = z
  .object({ models: z.array(z.object({ name: z.string(), dims: z.array(z.number()) })) })
  .parse(JSON.parse(readFileSync(join(folder, 'gradients.json'), 'utf8')));

console.log('| model | forward ms | forward and backward ms | ratio |\n| --- | --- | --- | --- |');
for (const { name, dims } of models.filter((m) => names.length === 0 || names.includes(m.name))) {
  const model = readFileSync(join(folder, `${name}.onnx`));
  const compiled = await compileGradient(model, { of: 'y', wrt: ['x'], inputDims: { x: dims } }, runtime);
  const x = wave(dims, 0.1);
  const seed = wave(compiled.seed.dims, 0.4);
  const [forward, both] = await medians([
    { model, feeds: { x }, fetches: ['y'] },
    {
      model: compiled.bytes,
      feeds: { x, [compiled.seed.name]: seed },
      fetches: ['y', ...Object.values(compiled.gradients)],
    },
  ]);
  console.log(`| ${name} | ${forward.toFixed(1)} | ${both.toFixed(1)} | ${(both / forward).toFixed(2)} |`);
}

interface Job {
  readonly model: Uint8Array;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly fetches: readonly string[];
}

/** Runs the jobs in turn, so that a busy moment hits all alike. */
async function medians(jobs: readonly [Job, Job]): Promise<[number, number]> {
  const open = await Promise.all(jobs.map(({ model }) => runtime.open(model)));
  const times = jobs.map(() => [] as number[]);
  for (let round = 0; round < 18; round++) {
    for (const [i, { feeds, fetches }] of jobs.entries()) {
      const began = performance.now();
      await open[i]?.run(feeds, fetches);
      if (round >= 3) times[i]?.push(performance.now() - began);
    }
  }
  await Promise.all(open.map((o) => o.close()));
  const median = (t: readonly number[] = []) => t.toSorted((a, b) => a - b)[t.length >> 1] ?? 0;
  return [median(times[0]), median(times[1])];
}
