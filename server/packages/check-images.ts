import { BASELINES } from '../explain/baselines.ts';
import { chanceMap, deletion, insertion } from '../explain/measures/curves.ts';
import { agreement } from '../explain/measures/shape.ts';
import { Fault } from '../shared/fault.ts';
import { gaussian, seededRandom } from '../shared/random.ts';
import { samplesCheck } from './check-samples.ts';
import { gradientGap } from './gradient-gap.ts';
import { type ImageModel, type Labelled, mapOf, openBench } from './labelled.ts';
import { meanOf, need, type Outcome, type Special } from './planned.ts';
import type { Sample } from './samples.ts';

/** What the limits are, and why: docs/models.md. */
const LIMITS = { gradient: 0.1, randomised: 0.7, stable: 0.5, worse: 0.05 } as const;
/** After so long a check takes no further image: methods that run the model hundreds of times, with many labels. */
const ENOUGH_MS = 600_000;

/** The map of a model of images follows the model, and the images: measured of every label, on what the model saw of each sample. */
export async function imageChecks(
  model: ImageModel,
  samples: readonly Sample[],
  threads: number,
): Promise<Special> {
  const seen = samples.filter(({ prediction }) => prediction?.input);
  const { labels, close } = await openBench(model, seen, threads);
  return {
    close,
    checks: [
      samplesCheck(model.spec, samples),
      {
        name: 'gradient',
        wanted: `within ${100 * LIMITS.gradient} % of finite differences`,
        measure: async () => {
          const outcomes: Outcome[] = [];
          for (const label of need(labels)) outcomes.push(await gradient(label));
          return together(labels, outcomes);
        },
      },
      {
        name: 'randomisation',
        wanted: `maps of shuffled weights agree by less than ${LIMITS.randomised}`,
        measure: () => ofEach(labels, randomisation, randomised),
      },
      {
        name: 'faithfulness',
        wanted: 'better than a random order (positive) in one curve, not worse in the other',
        measure: () => ofEach(labels, gains, faithful),
      },
      {
        name: 'stability',
        wanted: `maps of images with 1 % noise agree by at least ${LIMITS.stable}`,
        measure: () => ofEach(labels, steadiness, stable),
      },
    ],
  };
}

/** Image by image through all labels, so that each has as many when the time is up. */
async function ofEach<T>(
  labels: readonly Labelled[],
  measure: (of: Labelled, n: number) => Promise<T>,
  judge: (values: readonly T[]) => Outcome,
): Promise<Outcome> {
  const found = need(labels).map((): T[] => []);
  const images = Math.min(...labels.map(({ inputs }) => inputs.length));
  const began = performance.now();
  for (let n = 0; n < images && (n === 0 || performance.now() - began < ENOUGH_MS); n++)
    for (const [i, label] of labels.entries()) found[i]?.push(await measure(label, n));
  return together(labels, found.map(judge), found[0]?.length);
}

/** Of one label its own words; of several one after the other, or once what is the same of all. */
function together(labels: readonly Labelled[], outcomes: readonly Outcome[], images?: number): Outcome {
  const words = outcomes.map(({ measured }) => measured);
  const each = labels.map(({ label }, i) => `${outcomes[i]?.passed ? '' : 'FAILED '}${label} ${words[i]}`);
  const on = images ?? labels[0]?.inputs.length;
  return {
    passed: outcomes.every(({ passed }) => passed),
    measured:
      new Set(words).size === 1 ? (words[0] as string) : `${each.join('; ')} (${on} images of each label)`,
  };
}

async function gradient({ subject, spec, inputs }: Labelled): Promise<Outcome> {
  let off: number;
  try {
    off = await gradientGap(subject, inputs);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'VJP_MISSING') throw error;
    const usesNone = ['occlusion', 'occlusionCoarseToFine', 'rise', 'kernelShap', 'lime'].includes(
      spec.explanation.method,
    );
    return {
      passed: usesNone,
      measured: `none (${error.detail}); ${spec.explanation.method} ${usesNone ? 'needs none' : 'needs one'}`,
    };
  }
  const surrogate = subject.surrogate();
  return {
    passed: off <= LIMITS.gradient,
    measured: `${(100 * off).toFixed(1)} % off in the median${surrogate ? `; stand-in: ${surrogate}` : ''}`,
  };
}

async function randomisation(it: Labelled, n: number): Promise<number> {
  const other = await mapOf(it, it.shuffled, it.inputs[n] as Float32Array);
  return Math.abs(agreement(await it.own(n), other) ?? 0);
}

function randomised(values: readonly number[]): Outcome {
  const mean = meanOf(values);
  return { passed: mean < LIMITS.randomised, measured: `${mean.toFixed(2)} in the mean` };
}

interface Gains {
  readonly deletion: number;
  readonly insertion: number;
}

/** By how much the order of the map is better than one by chance. */
async function gains({ scores, spec, inputs, own }: Labelled, n: number): Promise<Gains> {
  const input = inputs[n] as Float32Array;
  const baseline = BASELINES[spec.explanation.baseline](input, scores.dims);
  const map = await own(n);
  const chance = chanceMap(scores.dims.slice(1), 100 + n);
  const area = async (curve: typeof deletion, order: Float32Array): Promise<number> =>
    (await curve(scores, input, order, { baseline })).area;
  return {
    deletion: (await area(deletion, chance)) - (await area(deletion, map)),
    insertion: (await area(insertion, map)) - (await area(insertion, chance)),
  };
}

function faithful(values: readonly Gains[]): Outcome {
  const [less, more] = [meanOf(values.map((v) => v.deletion)), meanOf(values.map((v) => v.insertion))];
  return {
    passed: Math.max(less, more) > 0 && Math.min(less, more) > -LIMITS.worse,
    measured: `against random: deletion ${signed(less)}, insertion ${signed(more)}`,
  };
}

async function steadiness(it: Labelled, n: number): Promise<number> {
  const input = it.inputs[n] as Float32Array;
  const random = seededRandom(200 + n);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of input) [low, high] = [Math.min(low, v), Math.max(high, v)];
  const noisy = input.map((v) => v + 0.01 * (high - low) * gaussian(random));
  return agreement(await it.own(n), await mapOf(it, it.subject, noisy)) ?? 0;
}

function stable(values: readonly number[]): Outcome {
  const mean = meanOf(values);
  return { passed: mean >= LIMITS.stable, measured: `${mean.toFixed(2)} in the mean` };
}

const signed = (v: number): string => `${v >= 0 ? '+' : '−'}${Math.abs(v).toFixed(3)}`;
