import { Fault } from '../shared/fault.ts';
import { takeMemory } from './volume-memory.ts';

/** Largest volume: 2^29 samples, 2 GiB. */
const MAX_SAMPLES = 2 ** 29;

/** Frames of one size in one array, in the order in which they came; each is held once. */
export class FrameStore {
  readonly #size: number;
  readonly #expected: number;
  #data: Float32Array = new Float32Array();
  #count = 0;

  /** `expected` frames of `size` samples; more may come. */
  constructor(size: number, expected: number) {
    this.#size = size;
    this.#expected = checked(size * expected);
  }

  /**
   * The next frame, to be written where it lies by then. Memory is taken when the first is asked for: a header that lies about its
   * size is found out before. Throws PIXELS_UNSUPPORTED when the volume grows too large.
   */
  next(): () => Float32Array {
    const k = this.#count++;
    checked(this.#count * this.#size);
    return () => {
      if ((k + 1) * this.#size > this.#data.length) this.#grow();
      return this.#frame(k);
    };
  }

  #grow(): void {
    const doubled = Math.min(2 * this.#data.length, MAX_SAMPLES);
    const larger = takeMemory(Math.max(this.#expected, this.#count * this.#size, doubled));
    larger.set(this.#data);
    this.#data = larger;
  }

  /** All frames: place k takes the frame that came as number `order[k]`. In place, by the cycles of the permutation. */
  inOrder(order: readonly number[]): Float32Array {
    const moved = new Set<number>();
    for (const [start, source] of order.entries()) {
      if (moved.has(start) || source === start) continue;
      const kept = this.#frame(start).slice();
      let place = start;
      for (let from = source; from !== start; place = from, from = order[from] as number) {
        this.#frame(place).set(this.#frame(from));
        moved.add(place);
      }
      this.#frame(place).set(kept);
      moved.add(place);
    }
    return this.#data.subarray(0, this.#count * this.#size);
  }

  #frame(k: number): Float32Array {
    return this.#data.subarray(k * this.#size, (k + 1) * this.#size);
  }
}

function checked(samples: number): number {
  if (samples > MAX_SAMPLES) {
    throw new Fault('PIXELS_UNSUPPORTED', `the series would be a volume of ${samples} samples`);
  }
  return samples;
}
