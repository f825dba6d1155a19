import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Finding, LabelMap, Prediction, Volume } from '../contracts.ts';
import type { ModelSpec } from '../models/schema.ts';
import { applyAffine } from '../shared/affine.ts';
import { Fault } from '../shared/fault.ts';
import type { Outcome } from './planned.ts';

/** What a model gives for a label: a score, 0..1, or a quantity as a part of its plausible range; or a volume and its middle in LPS, mm, null where nothing was marked. */
const Value = z.union([
  z.number(),
  z.strictObject({ ml: z.number(), middle: z.tuple([z.number(), z.number(), z.number()]).nullable() }),
]);
export type Value = z.infer<typeof Value>;
export type Values = Readonly<Record<string, Value>>;

/** reference/vectors.json: by the digest of a sample, what the model must give, by label. */
const Vectors = z.record(z.string().regex(/^[0-9a-f]{64}$/), z.record(z.string(), Value));

/** What may differ, and why: docs/models.md. Volumes by either of two. */
const LIMITS = { score: 1e-3, share: 0.005, ml: 0.02, mm: 1 } as const;

export const vectorsWanted = (kind: ModelSpec['kind']): string =>
  kind !== 'segmentation'
    ? `scores, or quantities in parts of what they may be, within ${LIMITS.score} of reference/vectors.json`
    : `volumes within ${100 * LIMITS.share} % or ${LIMITS.ml} ml, and middles within ${LIMITS.mm} mm, of reference/vectors.json`;

/** What a prediction says, as the vectors keep it. */
export function valuesOf({ findings, labelMap }: Prediction, volume: Volume): Values {
  const middles = labelMap ? middlesOf(labelMap, volume) : new Map();
  const value = (f: Finding): Value => {
    if (f.kind === 'segment') return { ml: f.volumeMm3 / 1000, middle: middles.get(f.number) ?? null };
    if (f.kind === 'classification') return f.score;
    const [low, high] = f.plausible;
    return (f.value - low) / (high - low);
  };
  return Object.fromEntries(findings.map((f) => [f.label.label, value(f)]));
}

function middlesOf({ shape: [frames, rows, columns], data }: LabelMap, { geometry }: Volume) {
  if (!geometry) throw new Fault('MODEL_REFUSES_SERIES', 'a volume needs patient geometry');
  const sums = new Map<number, [n: number, column: number, row: number, frame: number]>();
  for (let frame = 0, at = 0; frame < frames; frame++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, at++) {
        const label = data[at] as number;
        if (label === 0) continue;
        const sum = sums.get(label) ?? [0, 0, 0, 0];
        sums.set(label, sum);
        sum[0]++;
        sum[1] += column;
        sum[2] += row;
        sum[3] += geometry.frameAt?.[frame] ?? frame;
      }
  const round = (v: number): number => Math.round(10 * v) / 10;
  return new Map(
    [...sums].map(([label, [n, ...place]]) => {
      const [c = 0, r = 0, f = 0] = place.map((s) => s / n);
      const [x, y, z] = applyAffine(geometry.affine, [c, r, f]).map(round);
      return [label, [x, y, z] as [number, number, number]];
    }),
  );
}

export interface Recorded {
  readonly name: string;
  readonly digest: string;
  readonly values: Values;
}

/** Whether the samples give what reference/vectors.json says, label by label; the largest difference in words. */
export async function checkVectors(folder: string, samples: readonly Recorded[]): Promise<Outcome> {
  const path = join(folder, 'reference', 'vectors.json');
  if (!(await stat(path).catch(() => undefined)))
    return { passed: false, measured: 'there is no reference/vectors.json: run pellucid model record' };
  const known = Vectors.parse(JSON.parse(await readFile(path, 'utf8')));
  const found = samples.filter(({ digest }) => known[digest]);
  if (found.length === 0)
    return { passed: false, measured: 'none of the samples is one of reference/vectors.json' };
  let worst: Gap = { parts: 0, says: 'no difference' };
  for (const { name, digest, values } of found) {
    const wanted = known[digest] ?? {};
    for (const label of new Set([...Object.keys(wanted), ...Object.keys(values)])) {
      const gap = gapOf(wanted[label], values[label]);
      if (!gap) return { passed: false, measured: `${label} of ${name} has no counterpart` };
      if (!(gap.parts <= worst.parts)) worst = { ...gap, says: `${gap.says} (${label} of ${name})` };
    }
  }
  return {
    passed: worst.parts <= 1,
    measured: `${worst.says}, ${found.length} of ${samples.length} samples`,
  };
}

/** How far apart, in parts of what is allowed. */
interface Gap {
  readonly parts: number;
  readonly says: string;
}

function gapOf(a: Value | undefined, b: Value | undefined): Gap | undefined {
  if (a === undefined || b === undefined || typeof a !== typeof b) return undefined;
  if (typeof a === 'number' || typeof b === 'number') {
    const gap = Math.abs(Number(a) - Number(b));
    return { parts: gap / LIMITS.score, says: `largest difference ${gap.toExponential(1)}` };
  }
  const ml = Math.abs(a.ml - b.ml);
  if (!a.middle !== !b.middle) return undefined;
  const mm = a.middle && b.middle ? Math.hypot(...a.middle.map((v, i) => v - (b.middle?.[i] ?? 0))) : 0;
  return {
    parts: Math.max(ml / Math.max(LIMITS.ml, LIMITS.share * a.ml), mm / LIMITS.mm),
    says: `largest difference ${ml.toFixed(3)} of ${a.ml.toFixed(2)} ml, ${mm.toFixed(1)} mm`,
  };
}
