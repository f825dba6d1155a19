import { cornerstone, type DisplaySet, type Host, type Subscription } from './host.ts';

/** The part of OHIF and cornerstone3D that edits masks, by their names. */

export interface HostSegmentation {
  readonly segmentationId: string;
  readonly segments: Readonly<
    Record<string, { readonly segmentIndex: number; readonly label: string } | undefined>
  >;
  readonly representationData: { readonly Labelmap?: { readonly imageIds?: readonly string[] } };
}

export interface EditingServices {
  readonly segmentationService: {
    readonly EVENTS: Readonly<Record<string, string>>;
    subscribe(event: string, listener: (about: { readonly segmentationId: string }) => void): Subscription;
    getSegmentation(id: string): HostSegmentation | undefined;
    createLabelmapForDisplaySet(
      displaySet: DisplaySet,
      options: { readonly label: string; readonly segments: HostSegmentation['segments'] },
    ): Promise<string>;
    addSegmentationRepresentation(
      viewportId: string,
      options: { readonly segmentationId: string; readonly type: 'Labelmap' },
    ): Promise<void>;
    getViewportIdsWithSegmentation(id: string): readonly string[];
    setActiveSegmentation(viewportId: string, id: string): void;
    setActiveSegment(id: string, segment: number): void;
    getSegmentColor(viewportId: string, id: string, segment: number): readonly number[];
    setSegmentColor(viewportId: string, id: string, segment: number, rgba: readonly number[]): void;
    remove(id: string): void;
  };
  readonly toolGroupService: {
    getToolGroupIds(): readonly string[];
    getToolGroup(
      id: string,
    ): { hasTool(name: string): boolean; getActivePrimaryMouseButtonTool(): string | undefined } | undefined;
    addToolsToToolGroup(id: string, tools: { readonly passive: readonly HostTool[] }): void;
  };
}

interface HostTool {
  readonly toolName: string;
  readonly parentTool: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** The host's own brushes, as it defines them for its mode of segmentation. */
export const BRUSHES = { paint: 'CircularBrush', erase: 'CircularEraser' } as const;
export type Brush = keyof typeof BRUSHES;

const TOOLS: readonly HostTool[] = [
  { toolName: BRUSHES.paint, activeStrategy: 'FILL_INSIDE_CIRCLE' },
  { toolName: BRUSHES.erase, activeStrategy: 'ERASE_INSIDE_CIRCLE' },
].map(({ toolName, activeStrategy }) => ({
  toolName,
  parentTool: 'Brush',
  configuration: { activeStrategy, minRadius: 0.5, maxRadius: 99.5 },
}));

/** Undefined where the host has no such services. */
export function editingServices({ services }: Host): EditingServices | undefined {
  const { segmentationService, toolGroupService } = services as unknown as Partial<EditingServices>;
  return segmentationService?.createLabelmapForDisplaySet && toolGroupService
    ? { segmentationService, toolGroupService }
    : undefined;
}

/** The tool of the first button in each group, to be put back. */
export const toolsInHand = ({
  toolGroupService,
}: Pick<EditingServices, 'toolGroupService'>): ReadonlyMap<string, string> =>
  new Map(
    toolGroupService.getToolGroupIds().flatMap((id): [string, string][] => {
      const tool = toolGroupService.getToolGroup(id)?.getActivePrimaryMouseButtonTool();
      return tool ? [[id, tool]] : [];
    }),
  );

/** Adds the brushes where the mode has none: to the groups of planes and stacks. */
export function addBrushes({ toolGroupService }: EditingServices): void {
  for (const id of ['default', 'mpr']) {
    const group = toolGroupService.getToolGroup(id);
    const missing = group ? TOOLS.filter(({ toolName }) => !group.hasTool(toolName)) : [];
    if (missing.length > 0) toolGroupService.addToolsToToolGroup(id, { passive: missing });
  }
}

/** The image of one slice of a label map in the host's memory. */
interface LabelImage {
  readonly referencedImageId?: string;
  readonly voxelManager: { getScalarData(): Uint8Array | Uint16Array };
}

/** Each slice of a label map; none while the host has not loaded it. */
export function slicesOf(segmentation: HostSegmentation | undefined): readonly LabelImage[] {
  const cache = cornerstone()?.cache as { getImage?(id: string): LabelImage | undefined } | undefined;
  const ids = segmentation?.representationData.Labelmap?.imageIds ?? [];
  const slices = ids.flatMap((id) => cache?.getImage?.(id) ?? []);
  return slices.length === ids.length ? slices : [];
}
