import type { LabelMap } from '../../server/contracts.ts';

/** In shares of the extent of each axis: frames, rows, columns. */
export interface Ellipsoid {
  readonly centre: readonly [number, number, number];
  readonly radii: readonly [number, number, number];
}

/** A label map drawn by hand: ellipsoid n is label n. */
export function drawEllipsoids(
  shape: LabelMap['shape'],
  ellipsoids: readonly Ellipsoid[],
): LabelMap & { readonly data: Uint8Array } {
  const [frames, rows, columns] = shape;
  const data = new Uint8Array(frames * rows * columns);
  ellipsoids.forEach(({ centre, radii }, n) => {
    const [z = 0, y = 0, x = 0] = centre.map((share, axis) => share * (shape[axis] as number));
    const [dz = 0, dy = 0, dx = 0] = radii.map((share, axis) => share * (shape[axis] as number));
    for (let f = Math.ceil(z - dz); f <= z + dz; f++)
      for (let r = Math.ceil(y - dy); r <= y + dy; r++)
        for (let c = Math.ceil(x - dx); c <= x + dx; c++)
          if (((f - z) / dz) ** 2 + ((r - y) / dy) ** 2 + ((c - x) / dx) ** 2 <= 1)
            data[(f * rows + r) * columns + c] = n + 1;
  });
  return { shape, data };
}

/** On a ring around the middle of each plane, each on its own tenth of the frames. */
export const ring = (count: number): readonly Ellipsoid[] =>
  Array.from({ length: count }, (_, n) => {
    const angle = (2 * Math.PI * n) / count;
    return {
      centre: [0.35 + (0.3 * n) / count, 0.5 + 0.2 * Math.sin(angle), 0.5 + 0.2 * Math.cos(angle)],
      radii: [0.05, 0.05, 0.035],
    };
  });
