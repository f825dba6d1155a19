import {
  frameNumberOf,
  type Host,
  imageMetadata,
  SOPInstanceUIDOf,
  type Subscription,
  type Viewport,
} from '../host.ts';
import { type EditingServices, toolsInHand } from '../host-editing.ts';
import { type ImageGrid, type Vector, worldToEdge } from './geometry.ts';

/** Outlines that a reader draws with the host's own tools, each around the finding that was selected then. */
export interface OutlineEdit {
  readonly kind: 'outlines';
  /** Of the finding that is drawn from now on. */
  about(trackingUID: string): void;
  /** Calls back with how many there are, after each change; returns how to end that. */
  onChange(callback: (count: number) => void): () => void;
  outlines(): readonly EditedOutline[];
  /** They are taken away, and the reader has the tool from before. */
  end(): void;
}

export interface EditedOutline {
  readonly trackingUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
  readonly frame?: number;
  readonly shape: 'POLYLINE' | 'ELLIPSE';
  /** Column and row in pixel edges. */
  readonly points: readonly (readonly [number, number])[];
}

/** What the host draws with. */
interface Annotation {
  readonly annotationUID?: string;
  readonly metadata?: { readonly toolName?: string; readonly referencedImageId?: string };
  readonly data?: {
    readonly handles?: { readonly points?: readonly Vector[] };
    readonly contour?: { readonly polyline?: readonly Vector[] };
  };
}
interface AnnotationState {
  getAllAnnotations(): readonly Annotation[];
  removeAnnotation(uid: string): void;
}
interface MeasurementService {
  readonly EVENTS: Readonly<Record<string, string>>;
  subscribe(event: string, listener: () => void): Subscription;
}

const FIRST_TOOL = 'RectangleROI';
const CHANGES = ['MEASUREMENT_ADDED', 'MEASUREMENT_UPDATED', 'MEASUREMENT_REMOVED', 'RAW_MEASUREMENT_ADDED'];

const annotationState = (): AnnotationState | undefined =>
  (
    globalThis as unknown as {
      readonly cornerstoneTools?: { readonly annotation?: { readonly state?: AnnotationState } };
    }
  ).cornerstoneTools?.annotation?.state;

/** Throws where the host has no such tools. */
export function editOutlines(host: Host, trackingUID: string): OutlineEdit {
  const state = annotationState();
  const { measurementService, toolGroupService } = host.services as unknown as {
    readonly measurementService?: MeasurementService;
  } & Partial<Pick<EditingServices, 'toolGroupService'>>;
  if (!state || !measurementService || !toolGroupService) throw new Error('this viewer cannot draw');
  const before = new Set(state.getAllAnnotations().map(({ annotationUID }) => annotationUID));
  const drawnFor = new Map<string, string>();
  let current = trackingUID;
  const drawn = (): readonly Annotation[] =>
    state
      .getAllAnnotations()
      .filter((each) => !before.has(each.annotationUID) && pointsOf(each) !== undefined);
  const note = (): void => {
    for (const { annotationUID = '' } of drawn())
      if (!drawnFor.has(annotationUID)) drawnFor.set(annotationUID, current);
  };
  const inHand = toolsInHand({ toolGroupService });
  host.runCommand('setToolActiveToolbar', { toolName: FIRST_TOOL });
  return {
    kind: 'outlines',
    about: (uid) => {
      note();
      current = uid;
    },
    onChange: (callback) => {
      const heard = CHANGES.flatMap((name) => measurementService.EVENTS[name] ?? []).map((event) =>
        measurementService.subscribe(event, () => {
          note();
          callback(drawn().length);
        }),
      );
      return () => {
        for (const each of heard) each.unsubscribe();
      };
    },
    outlines: () => {
      note();
      return drawn().flatMap(
        (each) => outlineOf(host, each, drawnFor.get(each.annotationUID ?? '') ?? current) ?? [],
      );
    },
    end: () => {
      for (const { annotationUID } of drawn()) if (annotationUID) state.removeAnnotation(annotationUID);
      for (const [group, toolName] of inHand)
        host.runCommand('setToolActiveToolbar', { toolName, toolGroupIds: [group] });
      for (const viewport of viewportsOf(host)) viewport.render();
    },
  };
}

const viewportsOf = ({ services }: Host): readonly Viewport[] =>
  [...services.viewportGridService.getState().viewports.keys()].flatMap(
    (id) => services.cornerstoneViewportService.getCornerstoneViewport(id) ?? [],
  );

/** The corners that DICOM wants of a shape, in the world; undefined of what is no outline, or not drawn to its end. */
function pointsOf({
  metadata,
  data,
}: Annotation): (Pick<EditedOutline, 'shape'> & { world: readonly Vector[] }) | undefined {
  const corners = data?.handles?.points ?? [];
  const [a, b, c, d] = corners;
  const line = data?.contour?.polyline ?? [];
  switch (metadata?.toolName) {
    case 'RectangleROI':
      return a && b && c && d ? { shape: 'POLYLINE', world: [a, b, d, c, a] } : undefined;
    case 'EllipticalROI':
      if (!(a && b && c && d)) return undefined;
      return { shape: 'ELLIPSE', world: distance(a, b) >= distance(c, d) ? [a, b, c, d] : [c, d, a, b] };
    case 'PlanarFreehandROI':
    case 'SplineROI':
    case 'LivewireContour':
      return line.length > 2 ? { shape: 'POLYLINE', world: [...line, line[0] as Vector] } : undefined;
    default:
      return undefined;
  }
}

const distance = (a: Vector, b: Vector): number => Math.hypot(...a.map((v, i) => v - (b[i] as number)));

function outlineOf(host: Host, annotation: Annotation, trackingUID: string): EditedOutline | undefined {
  const imageId = annotation.metadata?.referencedImageId ?? '';
  const drawn = pointsOf(annotation);
  const grid = gridOf(host, imageId);
  const SOPInstanceUID = SOPInstanceUIDOf(imageId);
  const SeriesInstanceUID = seriesOf(imageId);
  if (!drawn || !grid || !SOPInstanceUID || !SeriesInstanceUID) return undefined;
  const [columns, rows] = grid.dimensions as readonly [number, number];
  const frame = frameNumberOf(imageId);
  return {
    trackingUID,
    SeriesInstanceUID,
    SOPInstanceUID,
    ...(frame > 1 ? { frame } : {}),
    shape: drawn.shape,
    points: drawn.world.map((point) => {
      const [column, row] = worldToEdge(grid, point);
      return [within(column, columns), within(row, rows)];
    }),
  };
}

const within = (value: number, most: number): number => Math.min(most, Math.max(0, value));

const seriesOf = (imageId: string): string | undefined => {
  const known = imageMetadata('instance', imageId)?.SeriesInstanceUID;
  return typeof known === 'string' ? known : /\/series\/([\d.]+)/.exec(imageId)?.[1];
};

/** By the image's own plane, else by the one that the viewport made for a picture without. */
function gridOf(host: Host, imageId: string): ImageGrid | undefined {
  const plane = imageMetadata('imagePlaneModule', imageId) ?? {};
  const pixels = imageMetadata('imagePixelModule', imageId) ?? {};
  const dimensions = [Number(pixels.columns), Number(pixels.rows), 1];
  const [origin, rows, columns] = [plane.imagePositionPatient, plane.rowCosines, plane.columnCosines];
  if (isVector(origin) && isVector(rows) && isVector(columns))
    return {
      origin,
      direction: [...rows, ...columns],
      spacing: [Number(plane.columnPixelSpacing), Number(plane.rowPixelSpacing)],
      dimensions,
    };
  const shown = viewportsOf(host).find((viewport) => viewport.getCurrentImageId?.() === imageId);
  return shown?.getImageData?.();
}

const isVector = (value: unknown): value is readonly number[] =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) && (value as ArrayLike<unknown>).length === 3;
