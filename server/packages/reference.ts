import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { Tap } from '../contracts.ts';
import {
  distanceFrom,
  histogramOf,
  layoutOf,
  pooled,
  textureOf,
  whitened,
} from '../explain/checks/likeness.ts';
import { readModelFile } from '../explain/graph/model-file.ts';
import { type OnnxSubject, openSubject } from '../explain/onnx-subject.ts';
import { modelImage } from '../infer/picture.ts';
import { resizeArea } from '../infer/resize-area.ts';
import type { Model } from '../models/load.ts';
import type { Gallery, Space, Statistics } from '../models/reference.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { Fault } from '../shared/fault.ts';
import { layoutDims } from '../shared/layout.ts';
import { seededRandom } from '../shared/random.ts';
import { fitSpace } from './fit-space.ts';
import { type KnownImage, knownImages, readKnown } from './known-images.ts';
import { type ImageSpec, outputsOf } from './outputs.ts';

type ImageModel = Model & { readonly spec: ImageSpec };

export interface ReferenceOptions {
  /** Folder of images that the model was trained on; a folder in it is a truth by its name. */
  readonly samples: string;
  /** Folder of images of other patients, which the limits are set on. */
  readonly heldOut: string;
  /** So many nearest cases are kept; 0 for none. */
  readonly cases: number;
  readonly threads: number;
  readonly progress: (done: number, of: number) => void;
}

/** Share of the held out images that may lie beyond a limit. */
const MOST_FLAGGED = 0.03;
/** Edge of the pictures of nearest cases. */
const THUMBNAIL = 96;

/**
 * Writes reference/statistics.json of a package, and with cases reference/gallery.json and their pictures: from images as the server
 * prepares them and features as ONNX Runtime gives them. Throws REQUEST_INVALID for too few images.
 */
export async function writeReference(
  model: ImageModel,
  folder: string,
  { samples, heldOut, cases, threads, progress }: ReferenceOptions,
): Promise<Statistics> {
  const [fitted, others] = [await knownImages(samples), await knownImages(heldOut)];
  if (fitted.length < FEWEST || others.length < FEWEST)
    throw new Fault(
      'REQUEST_INVALID',
      `${fitted.length} images and ${others.length} held out: at least ${FEWEST} of each are needed`,
    );
  const { input, explanation, onnx } = model.spec;
  const subject = await openSubject(await readModelFile(model.onnxPath), {
    runtime: onnxRuntime({ intraOpNumThreads: threads }),
    inputDims: layoutDims(input.layout, [1, input.channels, input.rows, input.columns]),
    layout: input.layout,
    of: outputsOf(model.spec).explained,
    // Features and texture are of the picture, whatever is explained.
    target: 0,
    layer: explanation.layer,
  });
  try {
    const all: Vectors[] = [];
    for (const [n, image] of [...fitted, ...others].entries()) {
      progress(n, fitted.length + others.length);
      all.push(await vectorsOf(image, { subject, input }));
    }
    const [known, held] = [all.slice(0, fitted.length), all.slice(fitted.length)];
    const { spaces, flagged } = limited(held, {
      features: fitSpace(known.map(({ features }) => features)),
      texture: fitSpace(known.map(({ texture }) => texture)),
      layout: fitSpace(known.map(({ layout }) => layout)),
      histogram: fitSpace(known.map(({ histogram }) => histogram)),
    });
    const statistics: Statistics = {
      schema: 1,
      onnx: onnx.sha256,
      fitted: known.length,
      heldOut: held.length,
      flagged: Number(flagged.toFixed(4)),
      ...spaces,
      features: { layer: subject.layer, ...spaces.features },
      texture: { layer: earlyLayer(subject), ...spaces.texture },
    };
    const place = join(folder, 'reference');
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'statistics.json'), `${JSON.stringify(statistics)}\n`);
    await rm(join(place, 'cases'), { recursive: true, force: true });
    await rm(join(place, 'gallery.json'), { force: true });
    const chosen = choose(fitted, cases);
    if (chosen.length > 0) await writeGallery(place, { chosen, fitted, known, statistics, input });
    return statistics;
  } finally {
    await subject.close();
  }
}

const FEWEST = 40;

interface Vectors {
  readonly features: ArrayLike<number>;
  readonly texture: ArrayLike<number>;
  readonly layout: ArrayLike<number>;
  readonly histogram: ArrayLike<number>;
}

async function vectorsOf(
  image: KnownImage,
  { subject, input }: { readonly subject: OnnxSubject; readonly input: ImageSpec['input'] },
): Promise<Vectors> {
  const seen = modelImage(await readKnown(image), input);
  return {
    features: pooled(await subject.activation(seen)),
    texture: textureOf(await subject.activation(seen, earlyLayer(subject))),
    layout: layoutOf(seen, subject.dims),
    histogram: histogramOf(seen, subject.dims),
  };
}

/** A quarter of the way from the picture to the features: what the model sees of fine detail. */
const earlyLayer = ({ layers }: OnnxSubject): string => layers[Math.floor(layers.length / 4)] as string;

type Fitted = Omit<Space, 'usual' | 'limit'>;

const NAMES = ['features', 'texture', 'layout', 'histogram'] as const satisfies readonly (keyof Vectors)[];
type Each<T> = Readonly<Record<(typeof NAMES)[number], T>>;
const each = <T>(of: (name: (typeof NAMES)[number]) => T): Each<T> =>
  Object.fromEntries(NAMES.map((name) => [name, of(name)])) as Each<T>;

/** Limits at one quantile of the held out distances in each space: the least under which the share flagged by any is small enough. */
function limited(
  held: readonly Vectors[],
  fitted: Each<Fitted>,
): { readonly spaces: Each<Space>; readonly flagged: number } {
  const distances = each((name) =>
    held.map((v) => distanceFrom({ ...fitted[name], usual: 1, limit: 1 }, v[name])),
  );
  const limitsAt = (q: number): Each<number> => each((name) => quantile(distances[name], q));
  const flaggedAt = (q: number): number => {
    const limits = limitsAt(q);
    const beyond = held.filter((_, i) => NAMES.some((name) => (distances[name][i] as number) > limits[name]));
    return beyond.length / held.length;
  };
  let q = 1 - MOST_FLAGGED;
  while (q < 1 && flaggedAt(q) > MOST_FLAGGED) q += 0.001;
  const limits = limitsAt(Math.min(1, q));
  const spaces = each(
    (name): Space => ({
      ...fitted[name],
      usual: Number(quantile(distances[name], 0.5).toPrecision(4)),
      // Rounded up, so that the image at the limit stays within.
      limit: Math.ceil(limits[name] * 1e4) / 1e4,
    }),
  );
  return { spaces, flagged: flaggedAt(Math.min(1, q)) };
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;
}

/** Places of images, spread evenly over the truths, by chance with a fixed seed. */
function choose(images: readonly KnownImage[], count: number): readonly number[] {
  const truths = [...new Set(images.flatMap(({ truth }) => truth ?? []))].sort();
  if (count === 0) return [];
  if (truths.length === 0)
    throw new Fault('REQUEST_INVALID', 'cases need a truth: put the images into folders by what they show');
  const random = seededRandom(5);
  const keyed = images.map(({ truth }, at) => ({ at, truth, key: random() })).sort((a, b) => a.key - b.key);
  return truths
    .flatMap((truth) => keyed.filter((k) => k.truth === truth).slice(0, Math.ceil(count / truths.length)))
    .slice(0, count)
    .map(({ at }) => at);
}

interface Kept {
  readonly chosen: readonly number[];
  readonly fitted: readonly KnownImage[];
  readonly known: readonly Vectors[];
  readonly statistics: Statistics;
  readonly input: ImageSpec['input'];
}

/** Cases by number alone: nothing of their names is kept. */
async function writeGallery(
  place: string,
  { chosen, fitted, known, statistics, input }: Kept,
): Promise<void> {
  await mkdir(join(place, 'cases'));
  const cases: Gallery['cases'] = [];
  for (const [n, at] of chosen.entries()) {
    const image = fitted[at] as KnownImage;
    const id = `case-${String(n + 1).padStart(3, '0')}`;
    const dims = [1, input.channels, input.rows, input.columns];
    const seen = { dims, data: modelImage(await readKnown(image), input) };
    await writeFile(join(place, 'cases', `${id}.png`), thumbnail(seen, input));
    const along = whitened(statistics.features, (known[at] as Vectors).features);
    cases.push({ id, truth: image.truth ?? '', at: along.map((v) => Number(v.toFixed(4))) });
  }
  const gallery: Gallery = { schema: 1, onnx: statistics.onnx, cases };
  await writeFile(join(place, 'gallery.json'), `${JSON.stringify(gallery)}\n`);
}

/** What the model saw, 8-bit grey. */
function thumbnail({ data }: Tap, { rows, columns, mean, std }: ImageSpec['input']): Buffer {
  const grey = data.slice(0, rows * columns).map((v) => (v * (std[0] ?? 1) + (mean[0] ?? 0)) * 255);
  const small = resizeArea({ rows, columns, data: grey }, THUMBNAIL, THUMBNAIL);
  const png = new PNG({ width: THUMBNAIL, height: THUMBNAIL });
  small.data.forEach((v, i) => {
    png.data.fill(Math.round(v), 4 * i, 4 * i + 3);
    png.data[4 * i + 3] = 255;
  });
  return PNG.sync.write(png, { colorType: 0 });
}
