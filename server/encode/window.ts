import type { Volume } from '../contracts.ts';

/**
 * One frame as 8-bit grey for the eye: in the window that the image asks for (PS3.3 C.11.2.1.2), else from the least to the greatest
 * value; low is bright where the volume says so. Padding is black. Of colours it is the luma: the map brings its own.
 */
export function greyFrame(volume: Volume, frame: number): Uint8Array {
  if (volume.samples === 3) return luma(volume, frame);
  const [, rows, columns] = volume.shape;
  const values = volume.data.subarray(frame * rows * columns, (frame + 1) * rows * columns);
  const { low, high } = windowOf(volume, values);
  const scale = high > low ? 255 / (high - low) : 0;
  const grey = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value === volume.padding) continue;
    const level = Math.min(255, Math.max(0, Math.round((value - low) * scale)));
    grey[i] = volume.inverted ? 255 - level : level;
  }
  return grey;
}

/** ITU-R BT.601, of red, green and blue from 0 to 255. */
function luma({ shape, data }: Volume, frame: number): Uint8Array {
  const size = shape[1] * shape[2];
  const colours = data.subarray(frame * size * 3, (frame + 1) * size * 3);
  return Uint8Array.from({ length: size }, (_, i) => {
    const [red, green, blue] = colours.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  });
}

/** SIGMOID is shown as the straight line through its middle. */
function windowOf({ voi, padding }: Volume, values: Float32Array): { low: number; high: number } {
  if (voi?.window && voi.window.width > 1) {
    const { centre, width, shape } = voi.window;
    const half = shape === 'LINEAR' ? (width - 1) / 2 : width / 2;
    const middle = shape === 'LINEAR' ? centre - 0.5 : centre;
    return { low: middle - half, high: middle + half };
  }
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value === padding) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}
