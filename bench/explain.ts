/**
 * Forward and backward of whole models, against PyTorch eager and torch.compile, on one thread and on two:
 *
 *     PYTHON=python3 npm run bench explain
 *
 * `PYTHON` must have torch, torchvision, onnx, onnxscript and numpy; without torch only our own times are shown. `MODELS=vit-b-16,u-net` takes some
 * models only, `THREADS=1` one count, `COMPILED=no` leaves torch.compile out (it compiles for a minute or more), `EXPORTS` is where the models are kept (made by `test/oracle/export_models.py` when
 * they are not there). Ours and PyTorch's processes take turns, round after round, so that a busy moment hits both; medians of
 * 15 rounds after 3. What is printed is the table of docs/gradients.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Child, type Cost, startChild } from './explain/child.ts';

const WARM = 3;
const PAUSE_MS = 300;
const ROUNDS = 15;
const {
  PYTHON = 'python3',
  EXPORTS = join(tmpdir(), 'pellucid-bench-explain'),
  MODELS = '',
  THREADS = '1,2',
  COMPILED = 'yes',
} = process.env;
const place = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const torch = torchVersion();
console.log(
  torch
    ? `PyTorch ${torch}`
    : `${PYTHON} has no torch: set PYTHON to one that has. Only our own times follow.`,
);

const index = join(EXPORTS, 'gradients.json');
if (!existsSync(index)) {
  if (!torch) throw new Error(`no models in ${EXPORTS}, and without torch none can be exported`);
  execFileSync(PYTHON, [place('../test/oracle/export_models.py'), EXPORTS, '--full'], { stdio: 'inherit' });
}
const { models } = z
  .object({ models: z.array(z.object({ name: z.string() })) })
  .parse(JSON.parse(readFileSync(index, 'utf8')));
const wanted = MODELS.split(',').filter(Boolean);
const names = models
  .map(({ name }) => name)
  .filter((name) => name !== 'qdq' && (!wanted.length || wanted.includes(name)));

for (const threads of THREADS.split(',')) {
  console.log(
    `\n${threads === '1' ? 'One thread' : `${threads} threads`}: wall ms (CPU ms), ratios wall (CPU).\n`,
  );
  console.log(
    '| model | forward | CAM ÷ forward | both | eager: forward | eager: both | both ÷ eager | compiled: both | both ÷ compiled | peak MB |',
  );
  console.log(`|${' --- |'.repeat(10)}`);
  for (const name of names) console.log(await row(name, threads));
}

async function row(name: string, threads: string): Promise<string> {
  const ours = await startChild(process.execPath, [place('explain/ours.ts'), EXPORTS, name, threads]);
  const theirs = torch
    ? await startChild(PYTHON, [place('explain/torch_child.py'), name, threads, COMPILED])
    : { jobs: [], notes: {}, peak: 0, run: ours.run, end: async () => {} };
  try {
    const cost = await takeTurns({ ours, theirs });
    const [forward, cam, both] = [cost('ours forward'), cost('ours cam'), cost('ours both')];
    const [eager, compiled] = [cost('theirs both'), cost('theirs compiled')];
    const failed = theirs.notes.compiled ?? '–';
    return `| ${[
      name,
      shown(forward),
      ratio(cam, forward),
      shown(both),
      shown(cost('theirs forward')),
      shown(eager),
      ratio(both, eager),
      compiled ? shown(compiled) : failed,
      ratio(both, compiled),
      Math.round(ours.peak / 1e6),
    ].join(' | ')} |`;
  } finally {
    await Promise.all([ours.end(), theirs.end()]);
  }
}

/** Every job of every child once a round. The median cost of each, by name. */
async function takeTurns(
  children: Readonly<Record<string, Child>>,
): Promise<(job: string) => Cost | undefined> {
  const costs = new Map<string, Cost[]>();
  for (let round = 0; round < WARM + ROUNDS; round++) {
    for (const [whose, child] of Object.entries(children)) {
      for (const job of child.jobs) {
        // Threads of a session wait in a loop for a while after their work: whatever runs next would pay for it.
        await setTimeout(PAUSE_MS);
        const found = await child.run(job);
        const name = `${whose} ${job}`;
        if (round >= WARM) costs.set(name, [...(costs.get(name) ?? []), found]);
      }
    }
  }
  return (job) => {
    const list = costs.get(job);
    return list && { wall: median(list.map((c) => c.wall)), cpu: median(list.map((c) => c.cpu)) };
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function shown(cost: Cost | undefined): string {
  return cost ? `${cost.wall.toFixed(1)} (${cost.cpu.toFixed(1)})` : '–';
}

function ratio(a: Cost | undefined, b: Cost | undefined): string {
  return a && b ? `${(a.wall / b.wall).toFixed(2)} (${(a.cpu / b.cpu).toFixed(2)})` : '–';
}

function torchVersion(): string | undefined {
  try {
    return execFileSync(PYTHON, ['-c', 'import torch; print(torch.__version__)'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}
