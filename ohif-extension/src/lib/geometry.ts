/** Where pixels lie in the world of a viewport. */

export type Vector = readonly [number, number, number];

/** An image's grid as the host has it: `origin` is the centre of its first pixel. */
export interface ImageGrid {
  readonly origin: readonly number[];
  readonly spacing: readonly number[];
  readonly dimensions: readonly number[];
  /** Row-major axes: direction of the columns' index, of the rows' index, normal. */
  readonly direction: readonly number[];
}

/** A point given in pixel edges (0..columns, 0..rows). */
export const edgeToWorld = ({ origin, spacing, direction }: ImageGrid, column: number, row: number): Vector =>
  [0, 1, 2].map(
    (i) =>
      at(origin, i) +
      at(direction, i) * at(spacing, 0) * (column - 0.5) +
      at(direction, 3 + i) * at(spacing, 1) * (row - 0.5),
  ) as unknown as Vector;

/** A point on the screen, in its pixels, or the way from one to another. */
type OnScreen = readonly [x: number, y: number];

/** Where an image's corner lies on the screen, and the ways from it along the whole of its rows and columns: nothing in a viewport is curved. */
export function extentOnScreen(
  viewport: { worldToCanvas(point: Vector): OnScreen },
  image: ImageGrid,
): { readonly begin: OnScreen; readonly right: OnScreen; readonly down: OnScreen } {
  const [columns, rows] = [at(image.dimensions, 0), at(image.dimensions, 1)];
  const begin = viewport.worldToCanvas(edgeToWorld(image, 0, 0));
  const wayTo = (column: number, row: number): OnScreen => {
    const [x, y] = viewport.worldToCanvas(edgeToWorld(image, column, row));
    return [x - begin[0], y - begin[1]];
  };
  return { begin, right: wayTo(columns, 0), down: wayTo(0, rows) };
}

/** The other way: where a point on an image's plane lies in its pixel edges. */
export function worldToEdge(
  { origin, spacing, direction }: ImageGrid,
  world: Vector,
): readonly [column: number, row: number] {
  const along = (axis: 0 | 1): number =>
    [0, 1, 2].reduce((sum, i) => sum + (at(world, i) - at(origin, i)) * at(direction, 3 * axis + i), 0) /
      at(spacing, axis) +
    0.5;
  return [along(0), along(1)];
}

export interface Camera {
  readonly focalPoint: Vector;
  readonly position: Vector;
  readonly viewPlaneNormal: Vector;
}

/** The camera moved along its normal until its plane holds the point. */
export function cameraThrough(camera: Camera, point: Vector): Pick<Camera, 'focalPoint' | 'position'> {
  const { focalPoint, position, viewPlaneNormal: normal } = camera;
  const distance = [0, 1, 2].reduce((sum, i) => sum + (at(point, i) - at(focalPoint, i)) * at(normal, i), 0);
  const move = (from: Vector): Vector =>
    from.map((value, i) => value + distance * at(normal, i)) as unknown as Vector;
  return { focalPoint: move(focalPoint), position: move(position) };
}

const at = (values: ArrayLike<number>, i: number): number => values[i] as number;
