import type { Volume } from '../contracts.ts';
import type { SegmentationSpec } from '../models/schema.ts';
import type { Step } from '../models/steps.ts';
import { Fault } from '../shared/fault.ts';
import { conform } from './conform.ts';
import { around, type Box, cut, foreground, middle } from './extent.ts';
import { type Grid, gridOf, isSheared, triple } from './grid.ts';
import { changed, clip, extremes, minmax, moments, percentiles, standardise } from './intensity.ts';
import { orient } from './orient.ts';
import { regularised } from './regular.ts';
import { resize, toSpacing } from './spacing.ts';
import { windowOf } from './window.ts';

export interface Prepared {
  readonly grid: Grid;
  /** What each step did, by its name. */
  readonly said: Readonly<Record<string, string>>;
}

/** What a model reads of a volume: the steps of its package, one after the other. Throws MODEL_REFUSES_SERIES. */
export function prepare(
  volume: Volume,
  { grid: start, steps }: Pick<SegmentationSpec['input'], 'grid' | 'steps'>,
): Prepared {
  const regular = regularised(volume);
  const said: Record<string, string> = {};
  const note = (name: string, what: string): void => {
    const times = Object.keys(said).filter((n) => n === name || n.startsWith(`${name} `)).length;
    said[times ? `${name} ${times + 1}` : name] = what;
  };
  let grid: Grid;
  if (start === 'conform') {
    const { window, ...conformed } = conform(regular);
    note('grid', 'conform 256x256x256, 1 mm');
    note('window', `${window.low}..${Number(window.high.toPrecision(6))}`);
    grid = conformed;
  } else {
    grid = gridOf(regular);
    note('grid', `source ${grid.shape.join('x')}`);
  }
  for (const step of steps) {
    const done = run(step, grid, volume);
    grid = done.grid;
    note(step.step, done.said);
  }
  if (isSheared(grid))
    throw new Fault(
      'MODEL_REFUSES_SERIES',
      'the gantry was tilted, and the package has no step that makes the axes perpendicular',
    );
  return { grid, said };
}

interface Done {
  readonly grid: Grid;
  readonly said: string;
}

function run(step: Step, grid: Grid, volume: Volume): Done {
  const { data } = grid;
  switch (step.step) {
    case 'orient':
      return { grid: orient(grid, step.axes), said: step.axes };
    case 'spacing': {
      const { interpolation } = step;
      const spaced = toSpacing(grid, step.mm, { interpolation, outside: outsideOf(grid, step) });
      return { grid: spaced, said: `${step.mm.join('x')} mm, ${interpolation}, ${spaced.shape.join('x')}` };
    }
    case 'resize':
      return {
        grid: resize(grid, step.size, step.interpolation),
        said: `${step.size.join('x')}, ${step.interpolation}`,
      };
    case 'crop':
      return boxed(grid, middle(grid, step.size), 0);
    case 'pad':
      return boxed(grid, around(grid, step.size), outsideOf(grid, step));
    case 'padToMultiple': {
      const size = triple((c) => Math.ceil(grid.shape[c] / step.of) * step.of);
      return boxed(grid, around(grid, size), outsideOf(grid, step));
    }
    case 'foreground':
      return boxed(grid, foreground(grid, step.above, step.padding), 0);
    case 'clipPercentiles': {
      const [low = 0, high = 0] = percentiles(data, [step.low, step.high], step.of);
      return { grid: { ...grid, data: clip(data, low, high, step.of) }, said: range(low, high) };
    }
    case 'clip':
      return { grid: { ...grid, data: clip(data, step.low, step.high) }, said: range(step.low, step.high) };
    case 'minmax': {
      const found = extremes(data);
      return { grid: { ...grid, data: minmax(data, found) }, said: range(found.low, found.high) };
    }
    case 'window': {
      // Shown values are 0..255, turned round for MONOCHROME1.
      const shown = windowOf(volume, { centre: step.centre, width: step.width, unit: step.unit });
      return {
        grid: { ...grid, data: changed(data, (v) => shown(v) / 255) },
        said: `${step.centre}/${step.width} ${step.unit}`,
      };
    }
    case 'zscore': {
      const found = moments(data, step.of);
      return {
        grid: { ...grid, data: standardise(data, found, step.of) },
        said: `mean ${short(found.mean)}, deviation ${short(found.std)}`,
      };
    }
    case 'standardise':
      return {
        grid: { ...grid, data: standardise(data, step) },
        said: `mean ${step.mean}, deviation ${step.std}`,
      };
  }
}

const outsideOf = ({ data }: Grid, { outside }: { readonly outside?: number }): number =>
  outside ?? extremes(data).low;

const boxed = (grid: Grid, box: Box, outside: number): Done => ({
  grid: cut(grid, box, outside),
  said: `${box.shape.join('x')} at ${box.start.join(',')}`,
});

const short = (value: number): number => Number(value.toPrecision(6));
const range = (low: number, high: number): string => `${short(low)}..${short(high)}`;
