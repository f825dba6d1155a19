import { number, texts } from '../dicom/read.ts';
import type { Accepts } from '../models/accepts.ts';
import { Fault } from '../shared/fault.ts';
import { plainWord } from '../shared/plain-word.ts';
import { DIMENSIONS, type Dimension, type Frame, hasPlane } from './frame.ts';
import { depthOf, samePlane } from './geometry.ts';

export type SplitPolicy = NonNullable<Accepts['split']>;

export interface Choice<F> {
  readonly chosen: readonly F[];
  /** What was kept and what was left out; absent when nothing was. */
  readonly note?: string;
}

/** Stacks of different planes in one series; more is no series of slices. */
const MAX_PLANES = 64;

/**
 * One stack of a series that holds more: pictures and localizers are left out, then what lies in other planes or has another
 * matrix or StackID, then the other values of the dimension that tells the frames at one place apart. `largest` is the stack with
 * the most frames, `first` that of the lowest InstanceNumber or value. Throws GEOMETRY_AMBIGUOUS when that is none or several.
 */
export function chooseStack<F extends Frame>(
  frames: readonly F[],
  policy: Exclude<SplitPolicy, 'refuse'>,
  sameMatrix: (a: F, b: F) => boolean,
): Choice<F> {
  if (!frames.some(hasPlane)) return { chosen: frames };
  const [placed, pictures] = partition(frames, hasPlane);
  const [slices, localizers] = partition(placed, (f) => !isLocalizer(f));
  const stacks = stacksOf(slices.length > 0 ? slices : placed, sameMatrix);
  const stack = stacks.length === 1 ? (stacks[0] as F[]) : chosenStack(stacks, policy);
  const one: Part<F> = isSimple(stack) ? { chosen: stack } : along(stack, policy);
  const others = placed.length - stack.length - (slices.length > 0 ? localizers.length : 0);
  const left = [
    [pictures.length, 'without a place'],
    [slices.length > 0 ? localizers.length : 0, 'localizers'],
    [others, 'in other planes or stacks'],
    [stack.length - one.chosen.length, one.note?.left ?? ''],
  ] as const;
  const leftOut = left.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (leftOut.length === 0) return { chosen: one.chosen };
  const kept = `${one.chosen.length} images${one.note ? ` with ${one.note.kept}` : ''}`;
  return { chosen: one.chosen, note: `kept ${kept} (${policy}); left out ${leftOut.join(', ')}` };
}

function isLocalizer({ instance: { dataset } }: Frame): boolean {
  return texts(dataset, 'ImageType')[2] === 'LOCALIZER';
}

/** Frames of one matrix, plane and StackID. */
function stacksOf<F extends Frame>(frames: readonly F[], sameMatrix: (a: F, b: F) => boolean): F[][] {
  const [, stackOf] = DIMENSIONS[0] as Dimension;
  const stacks: F[][] = [];
  for (const frame of frames) {
    const fits = ([first]: F[]) =>
      sameMatrix(first as F, frame) && samePlane(first as F, frame) && stackOf(first as F) === stackOf(frame);
    const stack = stacks.find(fits);
    if (stack) stack.push(frame);
    else stacks.push([frame]);
    if (stacks.length > MAX_PLANES) ambiguous(`it holds more than ${MAX_PLANES} stacks`);
  }
  return stacks;
}

function chosenStack<F extends Frame>(stacks: readonly F[][], policy: 'largest' | 'first'): F[] {
  if (policy === 'first') return stacks.toSorted((a, b) => lowestNumber(a) - lowestNumber(b))[0] as F[];
  const [largest, next] = stacks.toSorted((a, b) => b.length - a.length) as [F[], F[]];
  if (largest.length === next.length) ambiguous(`two of its stacks have ${next.length} images`);
  return largest;
}

/** Order in which the images were numbered: instance, then frame. */
function lowestNumber(frames: readonly Frame[]): number {
  const numbers = frames.map(({ instance, index }) => {
    const n = number(instance.dataset, 'InstanceNumber');
    return n === undefined ? Number.NaN : n + index / 2 ** 20;
  });
  const lowest = Math.min(...numbers);
  if (Number.isNaN(lowest)) ambiguous('InstanceNumber, which would say what comes first, is missing');
  return lowest;
}

/** Is there one frame at each place? */
const isSimple = (frames: readonly Frame[]): boolean => places(frames) === frames.length;

/** Places along the normal, to a hundredth of a millimetre. */
const places = (frames: readonly Frame[]): number =>
  new Set(frames.map((f) => Math.round(100 * depthOf(f)))).size;

interface Part<F> {
  readonly chosen: readonly F[];
  readonly note?: { readonly kept: string; readonly left: string };
}

/** The frames with one value of the first dimension, or of all together, that leaves one frame at each place of the stack. */
function along<F extends Frame>(stack: readonly F[], policy: 'largest' | 'first'): Part<F> {
  const differing = DIMENSIONS.filter(([, of]) => new Set(stack.map(of)).size > 1);
  const together: Dimension = [
    differing.map(([name]) => name).join(', '),
    (f) => differing.map(([, of]) => of(f)).join(', '),
  ];
  const wanted = places(stack);
  for (const [name, of] of differing.length > 1 ? [...differing, together] : differing) {
    const parts = ordered(Map.groupBy(stack, of));
    const whole = parts.filter(([, frames]) => frames.length === wanted && isSimple(frames));
    const [first] = policy === 'first' ? parts : whole;
    if (!first || !whole.includes(first)) continue;
    if (policy === 'largest' && whole.length > 1)
      ambiguous(`${whole.length} of its stacks have ${wanted} images, with other values of ${name}`);
    const others = parts.filter((p) => p !== first).map(([value]) => said(value));
    const shown = others.slice(0, 4).join(', ') + (others.length > 4 ? ', …' : '');
    return {
      chosen: first[1],
      note: { kept: `${name} ${said(first[0])}`, left: `with ${name} ${shown}` },
    };
  }
  return ambiguous('several of its images lie at each place, and no dimension tells a whole stack of them');
}

const said = (value: string): string => plainWord(value) || 'none';

/** Numbers in increasing order; words in the order in which the images were numbered. */
function ordered<F extends Frame>(parts: ReadonlyMap<string, F[]>): [string, F[]][] {
  const entries = [...parts];
  if (entries.every(([value]) => value !== '' && Number.isFinite(Number(value))))
    return entries.sort(([a], [b]) => Number(a) - Number(b));
  return entries.sort(([, a], [, b]) => lowestNumber(a) - lowestNumber(b));
}

function partition<F>(all: readonly F[], is: (item: F) => boolean): [F[], F[]] {
  return [all.filter(is), all.filter((item) => !is(item))];
}

function ambiguous(what: string): never {
  throw new Fault('GEOMETRY_AMBIGUOUS', `which part of the series to read is not known: ${what}`);
}
