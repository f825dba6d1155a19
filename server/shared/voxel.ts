import type { Affine } from './affine.ts';
import { cross, dot, type Vector } from './vector.ts';

/** mm³ of a voxel of a grid whose affine gives millimetres. */
export function voxelVolume(map: Affine): number {
  const axis = (c: number): Vector => [map[c] as number, map[4 + c] as number, map[8 + c] as number];
  return Math.abs(dot(axis(0), cross(axis(1), axis(2))));
}

/** Of a frame, in places along the axis of the stack: half-way to its neighbours, and beyond an outer one as far again. */
export function thicknessOf(
  { frameAt }: { readonly frameAt?: readonly number[] | undefined },
  frame: number,
): number {
  if (!frameAt) return 1;
  const at = (k: number): number => frameAt[k] as number;
  const last = frameAt.length - 1;
  if (frame === 0) return at(1) - at(0);
  return frame === last ? at(last) - at(last - 1) : (at(frame + 1) - at(frame - 1)) / 2;
}
