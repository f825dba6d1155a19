import type { Volume } from '../contracts.ts';
import { voxelsOf } from './grid.ts';

/**
 * An irregular stack at the places 0, 1, 2, … along its axis: linear between the slices on either side, constant beyond the last. A
 * regular one is returned as it is.
 */
export function regularised(volume: Volume): Volume {
  const { geometry, data, shape } = volume;
  if (!geometry?.frameAt) return volume;
  const { frameAt, ...regular } = geometry;
  const [count, rows, columns] = shape;
  const area = rows * columns;
  const places = Math.ceil((frameAt[count - 1] as number) - 1e-6) + 1;
  const out = new Float32Array(voxelsOf([places, rows, columns]));
  for (let place = 0, above = 1; place < places; place++) {
    while (above < count - 1 && (frameAt[above] as number) < place) above++;
    const [from, to] = [frameAt[above - 1] as number, frameAt[above] as number];
    const share = Math.min(1, (place - from) / (to - from));
    const [low, high] = [(above - 1) * area, above * area];
    for (let i = 0; i < area; i++) {
      const value = data[low + i] as number;
      out[place * area + i] = value + share * ((data[high + i] as number) - value);
    }
  }
  return { ...volume, shape: [places, rows, columns], data: out, geometry: regular };
}
