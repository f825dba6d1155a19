import { AUGMENTATIONS } from '../explain/augmentation.ts';
import { baselineOf } from '../explain/baselines.ts';
import { disagreement } from '../explain/disagreement.ts';
import { inputXGradient, integratedGradients, saliency, smoothGrad } from '../explain/methods/gradients.ts';
import type { Attribution, Differentiable } from '../explain/subject.ts';
import { openTiled, type TiledModel } from '../explain/tiled.ts';
import { Fault } from '../shared/fault.ts';
import type { Answer, Question } from './explain-input.ts';

type Method = (
  subject: Differentiable,
  input: Float32Array,
  baseline: () => Float32Array,
) => Promise<Attribution>;

/** Those that cost few gradients: perturbation would run every box hundreds of times. */
const METHODS: Readonly<Record<string, Method | undefined>> = {
  saliency: (subject, input) => saliency(subject, input),
  inputXGradient: (subject, input) => inputXGradient(subject, input),
  smoothGrad: (subject, input) => smoothGrad(subject, input, { nSamples: 5 }),
  integratedGradients: (subject, input, baseline) =>
    integratedGradients(subject, input, { baseline: baseline(), nSteps: 8 }),
};

/** A segmentation explained in boxes of `--tile` places: for volumes whose whole does not fit in memory. */
export async function explainTiled(it: Question): Promise<Answer> {
  const { options, read, runtime, progress } = it;
  const [input = new Float32Array()] = read.frames;
  const { method, target: label, halo, tile } = options;
  if (read.frames.length > 1) throw new Fault('REQUEST_INVALID', 'a cine is not explained in tiles');
  const explain = METHODS[method];
  if (!explain && method !== 'disagreement')
    throw new Fault('REQUEST_INVALID', `in tiles there are ${Object.keys(METHODS).join(', ')}, disagreement`);
  const tiled = await openTiled(it.model, {
    runtime,
    inputDims: read.dims,
    progress: (done, of) => progress(`tile ${done + 1} of ${of}…`),
    ...(typeof tile === 'number' ? { edge: tile } : {}),
    ...(halo !== undefined ? { halo } : {}),
    ...(it.of ? { of: it.of } : {}),
  });
  const about = tilingFacts(tiled);
  if (!explain) {
    const { structures, ...attribution } = await disagreement(tiled.labels, input, {
      dims: read.dims.slice(1),
      augmentations: options.augment.flatMap((name) => [...AUGMENTATIONS[name]]),
      progress: (done, of) => progress(`augmentation ${done + 1} of ${of}…`),
    });
    return { attribution, facts: { ...about, structures } };
  }
  const region = it.region ?? (await ownMask(tiled, input, label));
  const subject = tiled.subject({ label, region });
  try {
    progress(`${method} of class ${label}…`);
    const dims = read.dims.slice(1);
    let score: number | undefined;
    const scored: Differentiable = {
      ...subject,
      gradient: async (x) => {
        const found = await subject.gradient(x);
        if (x === input) score = found.score;
        return found;
      },
    };
    const attribution = await explain(scored, input, () =>
      baselineOf(options.baselines[0] as string, input, dims),
    );
    score ??= (await subject.score([input]))[0];
    return {
      attribution,
      facts: {
        ...about,
        target: label,
        score,
        mask: it.region ? 'region' : 'of the model',
        places: region.reduce((n, v) => n + v, 0),
      },
    };
  } finally {
    await subject.close();
  }
}

async function ownMask(tiled: TiledModel, input: Float32Array, label: number): Promise<Uint8Array> {
  const labels = await tiled.labels(input);
  const region = Uint8Array.from(labels, (l) => (l === label ? 1 : 0));
  if (!region.some(Boolean)) throw new Fault('REQUEST_INVALID', `the model marks no place as class ${label}`);
  return region;
}

const tilingFacts = ({ field, tiling, expected }: TiledModel): Readonly<Record<string, unknown>> => ({
  tile: tiling.tile.join('x'),
  tiles: tiling.tiles.length,
  before: field.before.join('x'),
  after: field.after.join('x'),
  tileMb: Math.ceil(expected / 2 ** 20),
});
