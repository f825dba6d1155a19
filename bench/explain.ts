/**
 * Forward and backward against forward alone, in ONNX Runtime:
 *
 *     node bench/explain.ts FOLDER [--threads=2] [NAME …]
 *
 * The folder is written by `test/oracle/export_models.py FOLDER --full`. Median wall milliseconds, and
 * CPU milliseconds, of 15 runs after 3. `bench/explain_torch.py` prints the same for PyTorch.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { compileGradient } from '../server/explain/graph/compile.ts';
import type { Tensor } from '../server/explain/graph/runtime.ts';
import { onnxRuntime } from '../server/onnx-runtime.ts';
import { wave } from '../test/explain/wave.ts';

const words = process.argv.slice(2);
const [folder = '.', ...names] = words.filter((w) => !w.startsWith('--'));
const threads = Number(words.find((w) => w.startsWith('--threads='))?.split('=')[1] ?? 2);
const runtime = onnxRuntime({ intraOpNumThreads: threads });
const { models } = z
  .object({ models: z.array(z.object({ name: z.string(), dims: z.array(z.number()) })) })
  .parse(JSON.parse(readFileSync(join(folder, 'gradients.json'), 'utf8')));

console.log('| model | forward ms | CPU | forward and backward ms | CPU |\n| --- | --- | --- | --- | --- |');
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
  console.log(`| ${[name, forward.wall, forward.cpu, both.wall, both.cpu].map(shown).join(' | ')} |`);
}

interface Job {
  readonly model: Uint8Array;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly fetches: readonly string[];
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs the jobs in turn, so that a busy moment hits all alike. */
async function medians(jobs: readonly [Job, Job]): Promise<[Cost, Cost]> {
  const open = await Promise.all(jobs.map(({ model }) => runtime.open(model)));
  const costs = jobs.map((): Cost[] => []);
  for (let round = 0; round < 18; round++) {
    for (const [i, { feeds, fetches }] of jobs.entries()) {
      const [began, used] = [performance.now(), process.cpuUsage()];
      await open[i]?.run(feeds, fetches);
      const { user, system } = process.cpuUsage(used);
      if (round >= 3) costs[i]?.push({ wall: performance.now() - began, cpu: (user + system) / 1000 });
    }
  }
  await Promise.all(open.map((o) => o.close()));
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  const of = (list: readonly Cost[] = []): Cost => ({
    wall: median(list.map((c) => c.wall)),
    cpu: median(list.map((c) => c.cpu)),
  });
  return [of(costs[0]), of(costs[1])];
}

function shown(cell: string | number): string {
  return typeof cell === 'number' ? cell.toFixed(1) : cell;
}
