/** What was seen of a process at one moment. */
export interface Sample {
  /** Studies that were done then. */
  readonly done: number;
  /** Resident memory, MB. */
  readonly rssMb: number;
  /** Open files, or connections. */
  readonly files: number;
}

export interface Growth {
  readonly samples: number;
  /** Least and most resident memory. */
  readonly rangeMb: readonly [number, number];
  /** The figure that counts: resident memory that stays, MB for each 100 studies. */
  readonly floorMbPer100: number;
  /** For comparison: least squares over all samples, which swings of the collector move too. */
  readonly leastSquaresMbPer100: number;
  readonly filesNow: number;
  readonly filesPer100: number;
}

const WINDOW = 100;

/**
 * How a process grows over the second half of a run, where what is made once is there. Resident memory of a process that collects garbage
 * is a saw-tooth of tens of MB, whose lowest points say what is kept: of each 100 studies the least is taken, and of the slopes between
 * any two of those floors the median (Theil, Sen), which one window that was never cleaned moves little. A leak raises all floors. Teeth
 * longer than some 300 studies would need a longer run.
 */
export function growth(all: readonly Sample[], studies: number): Growth {
  const half = all.filter(({ done }) => done >= studies / 2);
  const memory = half.map(({ rssMb }) => rssMb);
  return {
    samples: half.length,
    rangeMb: [Math.min(...memory), Math.max(...memory)],
    floorMbPer100: 100 * medianSlope(floors(half)),
    leastSquaresMbPer100: 100 * leastSquares(half.map(({ done, rssMb }) => [done, rssMb])),
    filesNow: half.at(-1)?.files ?? 0,
    filesPer100: 100 * leastSquares(half.map(({ done, files }) => [done, files])),
  };
}

type Point = readonly [x: number, y: number];

/** The lowest sample of each hundred studies, of a last part only if it is a whole hundred. */
function floors(samples: readonly Sample[]): readonly Point[] {
  const first = samples[0]?.done ?? 0;
  const lowest: Sample[] = [];
  for (const sample of samples) {
    const window = Math.floor((sample.done - first) / WINDOW);
    const low = lowest[window];
    if (!low || sample.rssMb < low.rssMb) lowest[window] = sample;
  }
  const whole = Math.floor(((samples.at(-1)?.done ?? 0) - first) / WINDOW);
  return lowest
    .slice(0, whole)
    .filter(Boolean)
    .map(({ done, rssMb }) => [done, rssMb]);
}

/** Per unit of x; 0 of fewer than two points. */
function medianSlope(points: readonly Point[]): number {
  const slopes = points
    .flatMap(([x, y], i) => points.slice(i + 1).map(([laterX, laterY]) => (laterY - y) / (laterX - x)))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const middle = Math.floor(slopes.length / 2);
  const high = slopes[middle] ?? 0;
  return slopes.length % 2 ? high : (high + (slopes[middle - 1] ?? 0)) / 2;
}

function leastSquares(points: readonly Point[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const up = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const down = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return down === 0 ? 0 : up / down;
}
