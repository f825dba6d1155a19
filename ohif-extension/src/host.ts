/** The part of OHIF and cornerstone3D that the panel uses, by their names. The host hands these over at run time. */

export interface Subscription {
  unsubscribe(): void;
}

export interface Service {
  readonly EVENTS: Readonly<Record<string, string>>;
  subscribe(event: string, listener: () => void): Subscription;
}

export interface DisplaySet {
  readonly displaySetInstanceUID: string;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  /** Of one that is a single object. */
  readonly SOPInstanceUID?: string;
  readonly Modality?: string;
  /** Of masks: the series that they are of; the host may not know it, or have it. */
  readonly referencedDisplaySetInstanceUID?: string;
  /** Of masks: rejects where the host cannot read them. */
  readonly loadingPromise?: Promise<unknown>;
  /** Headers of its images, by keyword; the host may not have them yet. */
  readonly instances?: readonly {
    readonly SOPInstanceUID?: unknown;
    readonly StudyDate?: unknown;
    readonly StudyDescription?: unknown;
    readonly PatientID?: unknown;
    readonly Rows?: unknown;
    readonly Columns?: unknown;
    readonly NumberOfFrames?: unknown;
    /** As the host reads sequences: one item may stand for a list of one. */
    readonly SegmentSequence?: unknown;
    readonly SharedFunctionalGroupsSequence?: unknown;
    readonly PerFrameFunctionalGroupsSequence?: unknown;
  }[];
}

export interface Services {
  readonly displaySetService: Service & {
    getActiveDisplaySets(): readonly DisplaySet[];
    getDisplaySetByUID(uid: string): DisplaySet | undefined;
  };
  readonly viewportGridService: Service & {
    getState(): {
      readonly activeViewportId: string | null;
      readonly viewports: ReadonlyMap<string, { readonly displaySetInstanceUIDs?: readonly string[] }>;
    };
  };
  readonly cornerstoneViewportService: Service & { getCornerstoneViewport(id: string): Viewport | null };
  readonly segmentationService?: Service & {
    getSegmentColor(viewportId: string, segmentationId: string, segment: number): readonly number[];
    setStyle(
      target: { readonly segmentationId: string; readonly type: 'Labelmap'; readonly segmentIndex?: number },
      style: Readonly<Record<string, number | boolean>>,
      /** Over what was set before; else in its place. */
      merge?: boolean,
    ): void;
  };
  readonly userAuthenticationService?: {
    getAuthorizationHeader(): Readonly<Record<string, string>> | undefined;
  };
}

export interface Host {
  readonly services: Services;
  readonly runCommand: (name: string, options: Readonly<Record<string, unknown>>) => unknown;
  /** Of the data source that the viewer reads from. */
  readonly dicomWebRoot: string;
  /** Has the viewer list a series that it does not know yet. */
  readonly readSeries: (StudyInstanceUID: string, SeriesInstanceUID: string) => Promise<void>;
  /** What the viewer's configuration says of us. */
  readonly settings: Settings;
}

/** What a site may set, as the second half of `[plugin, settings]` among the viewer's extensions. */
export interface Settings {
  /** Where our server is, by path: empty where the viewer comes from; null: nowhere. It answers no page of another origin. */
  readonly server: string | null;
  /** Results stay hidden until the reader asks for them. */
  readonly readFirst: boolean;
  /** Moves the keyboard into the panel. */
  readonly focusKey: string;
}

/** What OHIF hands to an extension. */
export interface ExtensionParameters {
  readonly configuration?: Partial<Settings>;
  readonly servicesManager: { readonly services: Services };
  readonly commandsManager: { runCommand: Host['runCommand'] };
  readonly extensionManager?: {
    getActiveDataSourceDefinition?():
      | { readonly configuration?: { readonly wadoRoot?: string; readonly name?: string } }
      | undefined;
    getActiveDataSource?(): readonly DataSource[];
  };
}

interface DataSource {
  deleteStudyMetadataPromise?(name: string): void;
  readonly retrieve?: {
    readonly series?: {
      metadata?(wanted: {
        readonly StudyInstanceUID: string;
        readonly filters: { readonly seriesInstanceUID: string };
      }): Promise<unknown>;
    };
  };
}

/** A vtk.js volume. */
export interface VolumeActor {
  getMapper(): { getSampleDistance(): number; setSampleDistance(distance: number): void };
  getProperty(): {
    getRGBTransferFunction(component: 0): {
      removeAllPoints(): void;
      addRGBPoint(x: number, r: number, g: number, b: number): void;
    };
    getScalarOpacity(component: 0): {
      removeAllPoints(): void;
      addPoint(x: number, opacity: number): void;
      modified(): void;
    };
    getScalarOpacityUnitDistance(component: 0): number;
    setScalarOpacityUnitDistance(component: 0, distance: number): void;
    setInterpolationTypeToLinear(): void;
  };
}

interface Grid {
  readonly origin: readonly number[];
  readonly spacing: readonly number[];
  readonly dimensions: readonly number[];
  readonly direction: readonly number[];
}

type Vector = readonly [number, number, number];

export interface Camera {
  readonly focalPoint: Vector;
  readonly position: Vector;
  readonly viewPlaneNormal: Vector;
}

export interface VoiRange {
  readonly lower: number;
  readonly upper: number;
}

/** A stack (`stack`) or a plane through a volume (`orthographic`). */
export interface Viewport {
  readonly id: string;
  readonly type: string;
  readonly element: HTMLElement;
  render(): void;
  getActors(): readonly {
    readonly uid: string;
    readonly representationUID?: string;
    readonly actor: unknown;
  }[];
  removeActors(uids: readonly string[]): void;
  getCamera(): Camera;
  setCamera(camera: Partial<Camera>): void;
  worldToCanvas(point: Vector): readonly [number, number];
  canvasToWorld?(point: readonly [number, number]): Vector;
  getImageIds?(): readonly string[];
  getCurrentImageId?(): string | undefined;
  /** The image that is on the screen, or will be with the next rendering. */
  getCornerstoneImage?(): { readonly imageId: string } | undefined;
  /** On which the host copies what it has rendered. */
  getCanvas?(): HTMLCanvasElement;
  setImageIdIndex?(index: number): Promise<unknown>;
  getCurrentImageIdIndex?(): number;
  getProperties?(): { readonly voiRange?: VoiRange };
  setVOI?(range: VoiRange, options: { readonly forceRecreateLUTFunction: boolean }): void;
  getImageData?(): Grid | undefined;
  getFrameOfReferenceUID?(): string | undefined;
  /** mm */
  getSlabThickness?(): number;
  addVolumes?(
    inputs: readonly {
      readonly volumeId: string;
      readonly actorUID: string;
      readonly visibility: boolean;
      readonly callback: (made: { readonly volumeActor: VolumeActor }) => void;
    }[],
    immediate: boolean,
    suppressEvents: boolean,
  ): Promise<void>;
}

interface Cornerstone {
  readonly metaData: { get(type: string, imageId: string): Readonly<Record<string, unknown>> | undefined };
  readonly volumeLoader: {
    createLocalVolume(
      volumeId: string,
      options: Grid & {
        readonly scalarData: Uint8Array;
        readonly metadata: Readonly<Record<string, unknown>>;
      },
    ): unknown;
  };
  readonly cache: {
    getVolume(volumeId: string): { readonly imageIds: readonly string[] } | undefined;
    removeVolumeLoadObject(volumeId: string): void;
    getImageLoadObject(imageId: string): unknown;
    removeImageLoadObject(imageId: string): void;
  };
  /** What waits to be fetched, by kind. */
  readonly imageLoadPoolManager?: {
    getMaxSimultaneousRequests(kind: 'prefetch'): number;
    setMaxSimultaneousRequests(kind: 'prefetch', most: number): void;
    startGrabbing(): void;
  };
}

const shared = globalThis as unknown as Readonly<Record<string, Cornerstone | undefined>>;

/** The host's own cornerstone; undefined where it is not there. */
export const cornerstone = (): Cornerstone | undefined => shared['@cornerstonejs/core'] ?? shared.cornerstone;

export const imageMetadata = (type: string, imageId: string): Readonly<Record<string, unknown>> | undefined =>
  cornerstone()?.metaData.get(type, imageId);

/** SOP Instance UID of an image, by the host's metadata or else by its address. */
export const SOPInstanceUIDOf = (imageId: string): string | undefined => {
  const known = imageMetadata('instance', imageId)?.SOPInstanceUID;
  return typeof known === 'string' ? known : /\/instances\/([\d.]+)/.exec(imageId)?.[1];
};

/** Number of the frame, from 1, by the image's address; 1 where it has none. */
export const frameNumberOf = (imageId: string): number =>
  Number(/(?:\/frames\/|[?&]frame=)(\d+)/.exec(imageId)?.[1] ?? 1);

/** The images of a viewport; none while it is empty. A volume viewport without a volume throws. */
export function imageIdsOf(viewport: Viewport): readonly string[] {
  try {
    return viewport.getImageIds?.() ?? [];
  } catch {
    return [];
  }
}
