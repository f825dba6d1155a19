import type { Host } from '../host.ts';

type SegmentationService = NonNullable<Host['services']['segmentationService']>;

/** How strong masks are drawn that are not of the chosen finding, of the chosen one's opacity. */
const OTHERS = 0.35;

/** Of each segmentation the segment that stands out. */
const chosenOf = new Map<string, number>();

interface Style {
  /** 0..1; 0 hides them, outlines too. */
  readonly opacity: number;
  /** Number of the segment that stands out, all others pale; undefined: all are alike. */
  readonly chosen?: number | undefined;
}

/** How the host draws the masks of a segmentation from now on. */
export function styleMasks(
  service: SegmentationService,
  segmentationId: string,
  { opacity, chosen }: Style,
): void {
  const target = { segmentationId, type: 'Labelmap' } as const;
  const before = chosenOf.get(segmentationId);
  if (before !== undefined && before !== chosen)
    service.setStyle({ ...target, segmentIndex: before }, {}, false);
  const rest = chosen === undefined ? opacity : opacity * OTHERS;
  service.setStyle(target, {
    ...fill(rest),
    renderOutline: opacity > 0,
    renderOutlineInactive: opacity > 0,
  });
  if (chosen === undefined) return void chosenOf.delete(segmentationId);
  chosenOf.set(segmentationId, chosen);
  service.setStyle({ ...target, segmentIndex: chosen }, fill(opacity));
}

const fill = (opacity: number) => ({ fillAlpha: opacity, fillAlphaInactive: opacity });
