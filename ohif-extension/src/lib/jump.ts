import {
  frameNumberOf,
  imageIdsOf,
  imageMetadata,
  type Services,
  SOPInstanceUIDOf,
  type Viewport,
} from '../host.ts';
import { cameraThrough, edgeToWorld } from './geometry.ts';
import type { Region } from './result.ts';

/** An image, or a region of one. */
export type Place = Pick<Region, 'SOPInstanceUID' | 'frame'> & Partial<Pick<Region, 'points'>>;

/**
 * Brings a place into view: a stack shows its image, a plane through a volume moves to the region's centre, or the image's. In a volume
 * viewport the image label may not be the slice shown, so there only patient coordinates count.
 */
export async function jumpTo(
  services: Services,
  place: Place,
  isWanted: (viewport: Viewport) => boolean = () => true,
): Promise<void> {
  const { viewports } = services.viewportGridService.getState();
  for (const id of viewports.keys()) {
    const viewport = services.cornerstoneViewportService.getCornerstoneViewport(id);
    const imageIds = viewport ? imageIdsOf(viewport) : [];
    const index = imageIds.findIndex(
      (imageId) =>
        SOPInstanceUIDOf(imageId) === place.SOPInstanceUID &&
        (place.frame === undefined || frameNumberOf(imageId) === place.frame),
    );
    if (!viewport || index < 0 || !isWanted(viewport)) continue;
    if (viewport.type === 'stack') await showImage(viewport, index);
    else moveTo(viewport, imageIds[index] as string, place);
  }
}

/** Where two studies are side by side, each goes to its own. */
export async function jumpToAll(services: Services, regions: readonly Region[]): Promise<void> {
  for (const region of regions) await jumpTo(services, region);
}

/** As jumpTo, in viewports that still show their first image: a reader who has begun is left alone. */
export const jumpAtFirst = (services: Services, region: Region): Promise<void> =>
  jumpTo(
    services,
    region,
    (viewport) => viewport.type !== 'stack' || viewport.getCurrentImageIdIndex?.() === 0,
  );

/**
 * A series without a window, whose first image is empty, gives the host a grey scale of no width; it then shows all images in
 * black and white. So that scale is made anew.
 */
async function showImage(viewport: Viewport, index: number): Promise<void> {
  if (viewport.getCurrentImageIdIndex?.() === index) return;
  const before = viewport.getProperties?.().voiRange;
  await viewport.setImageIdIndex?.(index);
  const after = viewport.getProperties?.().voiRange;
  if (!before || !after || before.upper > before.lower) return;
  viewport.setVOI?.(after, { forceRecreateLUTFunction: true });
  viewport.render();
}

function moveTo(viewport: Viewport, imageId: string, { points }: Place): void {
  const plane = imageMetadata('imagePlaneModule', imageId);
  const origin = plane?.imagePositionPatient;
  const rowCosines = plane?.rowCosines;
  const columnCosines = plane?.columnCosines;
  if (!isVector(origin) || !isVector(rowCosines) || !isVector(columnCosines)) return;
  const grid = {
    origin,
    direction: [...rowCosines, ...columnCosines],
    spacing: [Number(plane?.columnPixelSpacing), Number(plane?.rowPixelSpacing)],
    dimensions: [],
  };
  const [column, row] = points ? centreOf(points) : [Number(plane?.columns) / 2, Number(plane?.rows) / 2];
  if (!Number.isFinite(column) || !Number.isFinite(row)) return;
  const camera = viewport.getCamera();
  const moved = cameraThrough(camera, edgeToWorld(grid, column, row));
  // A rendering that changes nothing would ask for the next.
  if (camera.focalPoint.every((v, i) => Math.abs(v - (moved.focalPoint[i] as number)) < NEARLY)) return;
  viewport.setCamera(moved);
  viewport.render();
}

/** mm */
const NEARLY = 1e-3;

const centreOf = (points: Region['points']): readonly [number, number] => {
  // As arguments of one call they may be too many.
  const middle = (values: readonly number[]) =>
    (values.reduce((a, b) => Math.min(a, b)) + values.reduce((a, b) => Math.max(a, b))) / 2;
  return [middle(points.map(([column]) => column)), middle(points.map(([, row]) => row))];
};

const isVector = (value: unknown): value is readonly number[] =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) && (value as ArrayLike<unknown>).length === 3;
