import { cameraThrough, edgeToWorld, worldToEdge } from '../../ohif-extension/src/lib/geometry.ts';

/** Tilted and anisotropic: an identity geometry hides every bug. */
const IMAGE = {
  origin: [10, 20, 30],
  spacing: [0.5, 2, 1],
  dimensions: [100, 40, 1],
  direction: [0.8, 0.6, 0, 0, 0, -1, -0.6, 0.8, 0],
};

test('the centre of the first pixel is half a pixel from the corner', () => {
  expect(edgeToWorld(IMAGE, 0.5, 0.5)).toEqual([10, 20, 30]);
  const [x, y, z] = edgeToWorld(IMAGE, 0, 0);
  expect([x, y, z]).toEqual([10 - 0.25 * 0.8, 20 - 0.25 * 0.6, 31]);
});

test('a point on the plane goes back to the edge that it came from', () => {
  for (const [column, row] of [
    [0, 0],
    [0.5, 0.5],
    [99.25, 3.75],
  ] as const) {
    const [c, r] = worldToEdge(IMAGE, edgeToWorld(IMAGE, column, row));
    expect(c).toBeCloseTo(column, 9);
    expect(r).toBeCloseTo(row, 9);
  }
});

test('the camera moves along its normal only, until its plane holds the point', () => {
  const camera = {
    focalPoint: [1, 2, 3],
    position: [1, 2, -97],
    viewPlaneNormal: [0, 0, -1],
  } as const;
  expect(cameraThrough(camera, [50, 60, 10])).toEqual({ focalPoint: [1, 2, 10], position: [1, 2, -90] });
});
