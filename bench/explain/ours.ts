/** Child of `bench/explain.ts`: `node ours.ts FOLDER NAME THREADS` compiles the model's gradient, then runs what it is told to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { compileGradient } from '../../server/explain/graph/compile.ts';
import type { OpenModel, Tensor } from '../../server/explain/graph/runtime.ts';
import { openSubject } from '../../server/explain/onnx-subject.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { wave } from '../../test/explain/wave.ts';

const [folder = '.', name = '', threads = '1'] = process.argv.slice(2);
const runtime = onnxRuntime({ intraOpNumThreads: Number(threads) });
const model = readFileSync(join(folder, `${name}.onnx`));
const { models } = z
  .object({ models: z.array(z.object({ name: z.string(), dims: z.array(z.number()) })) })
  .parse(JSON.parse(readFileSync(join(folder, 'gradients.json'), 'utf8')));
const dims = models.find((m) => m.name === name)?.dims ?? [];
const x = wave(dims, 0.1);

interface Job {
  readonly open: OpenModel;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly fetches: readonly string[];
}

const jobs: Record<string, Job> = { both: await gradientJob('x') };
await run(jobs.both as Job);
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
jobs.forward = { open: await runtime.open(model), feeds: { x }, fetches: ['y'] };
const layer = await lastLayer();
if (layer) jobs.cam = await gradientJob(layer);
console.log(JSON.stringify({ jobs: Object.keys(jobs), notes: {}, peak }));

for await (const line of createInterface({ input: process.stdin })) {
  const [began, used] = [performance.now(), process.cpuUsage()];
  await run(jobs[line] as Job);
  const { user, system } = process.cpuUsage(used);
  console.log(JSON.stringify({ wall: performance.now() - began, cpu: (user + system) / 1000 }));
}

async function gradientJob(wrt: string): Promise<Job> {
  const graph = await compileGradient(model, { of: 'y', wrt: [wrt], inputDims: { x: dims } }, runtime);
  return {
    open: await runtime.open(graph.bytes),
    feeds: { x, [graph.seed.name]: wave(graph.seed.dims, 0.4) },
    fetches: ['y', ...Object.values(graph.gradients), ...(wrt === 'x' ? [] : [wrt])],
  };
}

/** The one that `layer: auto` takes; dense outputs have it right before them. */
async function lastLayer(): Promise<string | undefined> {
  const subject = await openSubject(model, { runtime, inputDims: dims, target: 0 });
  try {
    return subject.layer;
  } finally {
    await subject.close();
  }
}

async function run({ open, feeds, fetches }: Job): Promise<void> {
  await open.run(feeds, fetches);
}
