import { type DisplaySet, frameNumberOf, type Host, SOPInstanceUIDOf } from '../host.ts';
import {
  addBrushes,
  BRUSHES,
  type Brush,
  type EditingServices,
  editingServices,
  slicesOf,
  toolsInHand,
} from '../host-editing.ts';
import { maskSetOf } from './mask-set.ts';
import type { Finding } from './result.ts';

/** A copy of a result's masks that a reader edits with the host's own brushes. */
export interface MaskEdit {
  readonly kind: 'masks';
  /** The host's name of the copy. */
  readonly id: string;
  /** Series of the masks that are corrected. */
  readonly series: string;
  take(brush: Brush): void;
  /** Radius, mm. */
  size(radius: number): void;
  /** Which segment the brush paints. */
  paints(segment: number): void;
  /** Calls back once a voxel differs from the original, and at each change after that; returns how to end that. */
  onChange(callback: () => void): () => void;
  /** As the server wants them. */
  masks(): Promise<EditedMasks>;
  /** The copy is gone, and the reader has the tool from before. */
  end(): void;
}

export interface EditedMasks {
  readonly frames: readonly { readonly SOPInstanceUID: string; readonly frame?: number }[];
  /** Labels of those frames, by gzip, in base64. */
  readonly labels: string;
}

interface Wanted {
  readonly segment: NonNullable<Finding['segment']>;
  /** What the copy is called in the host's list. */
  readonly label: string;
}

/**
 * Begins to edit a copy of the masks of a series; the original stays as it is. Throws where the host has not loaded the masks, or cannot
 * edit any.
 */
export async function editMasks(host: Host, { label, segment }: Wanted): Promise<MaskEdit> {
  const services = editingServices(host);
  const sets = host.services.displaySetService.getActiveDisplaySets();
  const set = maskSetOf(sets, segment) as SegmentationSet | undefined;
  if (!services || !set) throw new Error('this viewer cannot edit masks');
  const { segmentationService } = services;
  await load(host, services, set.displaySetInstanceUID);
  const original = segmentationService.getSegmentation(set.displaySetInstanceUID);
  const slices = slicesOf(original);
  const source = host.services.displaySetService.getDisplaySetByUID(
    set.referencedDisplaySetInstanceUID ?? '',
  );
  if (!original || slices.length === 0 || !source) throw new Error('the masks are not loaded');
  const id = await segmentationService.createLabelmapForDisplaySet(source, {
    label,
    segments: original.segments,
  });
  const before = new Map(slices.map((slice) => [slice.referencedImageId, slice]));
  const copied = slicesOf(segmentationService.getSegmentation(id)).flatMap((slice) => {
    const from = before.get(slice.referencedImageId);
    if (from) slice.voxelManager.getScalarData().set(from.voxelManager.getScalarData());
    return from ? [[from, slice] as const] : [];
  });
  // The host also tells of changes of what is shown, and at each step of a stroke: all voxels are compared only until one differs.
  let hasChanged = false;
  const isChanged = (): boolean => {
    hasChanged ||= copied.some(([from, to]) =>
      differ(from.voxelManager.getScalarData(), to.voxelManager.getScalarData()),
    );
    return hasChanged;
  };
  await showLike(services, { id, original: set.displaySetInstanceUID });
  addBrushes(services);
  const inHand = toolsInHand(services);
  const take = (brush: Brush) => host.runCommand('setToolActiveToolbar', { toolName: BRUSHES[brush] });
  const paints = (n: number) => segmentationService.setActiveSegment(id, n);
  paints(segment.number);
  take('paint');
  return {
    kind: 'masks',
    id,
    series: set.SeriesInstanceUID,
    take,
    paints,
    size: (radius) => host.runCommand('setBrushSize', { value: radius }),
    onChange: (callback) => {
      const { SEGMENTATION_DATA_MODIFIED: event = '' } = segmentationService.EVENTS;
      const heard = segmentationService.subscribe(event, (about) => {
        if (about.segmentationId === id && isChanged()) callback();
      });
      return () => heard.unsubscribe();
    },
    masks: () => pack(services, id),
    end: () => {
      for (const [group, toolName] of inHand)
        host.runCommand('setToolActiveToolbar', { toolName, toolGroupIds: [group] });
      segmentationService.remove(id);
    },
  };
}

function differ(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return true;
  return false;
}

type SegmentationSet = DisplaySet & { readonly referencedDisplaySetInstanceUID?: string };

const LOOKS = 200;
const LOOK_MS = 100;

/** The host reads masks when they are first shown: where they were not, over the active viewport. */
async function load(
  { services, runCommand }: Host,
  { segmentationService }: EditingServices,
  displaySetInstanceUID: string,
): Promise<void> {
  const isLoaded = () => slicesOf(segmentationService.getSegmentation(displaySetInstanceUID)).length > 0;
  if (isLoaded()) return;
  const viewportId = services.viewportGridService.getState().activeViewportId;
  runCommand('addDisplaySetAsLayer', { viewportId, displaySetInstanceUID });
  for (let i = 0; i < LOOKS && !isLoaded(); i++) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

/** In the viewports and the colours of the original. */
async function showLike(
  { segmentationService }: EditingServices,
  { id, original }: { readonly id: string; readonly original: string },
): Promise<void> {
  const segments = Object.values(segmentationService.getSegmentation(id)?.segments ?? {});
  for (const viewport of segmentationService.getViewportIdsWithSegmentation(original)) {
    await segmentationService.addSegmentationRepresentation(viewport, {
      segmentationId: id,
      type: 'Labelmap',
    });
    for (const { segmentIndex } of segments.flatMap((segment) => segment ?? []))
      segmentationService.setSegmentColor(
        viewport,
        id,
        segmentIndex,
        segmentationService.getSegmentColor(viewport, original, segmentIndex),
      );
    segmentationService.setActiveSegmentation(viewport, id);
  }
}

/** The slices that hold anything. */
async function pack({ segmentationService }: EditingServices, id: string): Promise<EditedMasks> {
  const frames: EditedMasks['frames'][number][] = [];
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (const { referencedImageId = '', voxelManager } of slicesOf(segmentationService.getSegmentation(id))) {
    const labels = voxelManager.getScalarData();
    const SOPInstanceUID = SOPInstanceUIDOf(referencedImageId);
    if (!SOPInstanceUID || labels.every((label) => label === 0)) continue;
    frames.push({ SOPInstanceUID, ...frameOf(referencedImageId) });
    pieces.push(Uint8Array.from(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength)));
  }
  return { frames, labels: await gzipped(pieces) };
}

/** Only of an image with several. */
const frameOf = (imageId: string): { frame?: number } =>
  /(?:\/frames\/|[?&]frame=)\d+/.test(imageId) && frameNumberOf(imageId) > 1
    ? { frame: frameNumberOf(imageId) }
    : {};

async function gzipped(pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  const packed = new Blob([...pieces]).stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
