/** As long as it may lie unused, ms. */
const IDLE_MS = 60_000;

let kept: ArrayBuffer | undefined;
let ending: NodeJS.Timeout | undefined;

/**
 * Memory for `samples` values, to be filled whole: what was given back last where it suffices, and then it holds whatever it held.
 * To touch fresh memory for the first time costs a large series a fifth of its time, and several times that on a virtual machine
 * whose host takes back what is free (docs/decisions/0010-reading-a-series.md).
 */
export function takeMemory(samples: number): Float32Array {
  const bytes = samples * Float32Array.BYTES_PER_ELEMENT;
  const memory = kept;
  clearTimeout(ending);
  kept = undefined;
  if (memory && memory.byteLength >= bytes) return new Float32Array(memory, 0, samples);
  memory?.transfer(0);
  return new Float32Array(samples);
}

/**
 * Takes back the memory of a volume that nobody needs any more; it is moved, so that whoever still holds the volume finds it empty
 * and never sees the pixels of another. It lies ready for a minute.
 */
export function giveBack({ buffer }: Float32Array): void {
  kept?.transfer(0);
  kept = (buffer as ArrayBuffer).transfer();
  clearTimeout(ending);
  ending = setTimeout(() => {
    kept?.transfer(0);
    kept = undefined;
  }, IDLE_MS).unref();
}
