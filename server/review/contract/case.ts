import { z } from 'zod';
import { PALETTES } from '../../shared/colour-map.ts';
import { Reading, SignedReading } from './reading.ts';
import { CaseLine } from './worklist.ts';

/** What the review console and the server say to each other, part three: one result on one screen. Everything here is read from the stored objects, not from memory of ours. */

const CodeOf = z.object({ value: z.string(), scheme: z.string(), meaning: z.string() });

export const ElementState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('given'), sentence: z.string(), method: z.string().optional() }),
  z.object({ state: z.literal('absent'), reason: z.string() }),
]);

export const CaseFinding = z.object({
  label: z.string(),
  code: CodeOf.optional(),
  sentence: z.string(),
  present: z.boolean().optional(),
  score: z.number().optional(),
  threshold: z.number().optional(),
  probability: z.number().optional(),
  measurements: z.array(z.object({ name: z.string(), value: z.number(), unit: z.string().optional() })),
  /** How faithful and how sure the explanation is, each in words and as a number. */
  measures: z.array(
    z.object({
      name: z.string(),
      sentence: z.string(),
      value: z.number().optional(),
      unit: z.string().optional(),
    }),
  ),
  elements: z.partialRecord(
    z.enum([
      'localization',
      'visualRecognizability',
      'physicalAttribution',
      'modelTransparency',
      'actionability',
    ]),
    ElementState,
  ),
  checks: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['passed', 'remark', 'failed', 'absent']),
      sentence: z.string(),
    }),
  ),
  deletion: z
    .object({
      strongestFirst: z.array(z.number()),
      randomOrder: z.array(z.number()),
      hidden: z.string(),
    })
    .optional(),
  /** Polygons on a picture, in pixel edges of the source frame. */
  regions: z.array(
    z.object({
      name: z.string(),
      meaning: z.string(),
      picture: z.int(),
      points: z.array(z.tuple([z.number(), z.number()])),
    }),
  ),
  /** Which overlays the server can draw for it. */
  overlays: z.array(z.enum(['map', 'mask', 'uncertainty', 'corrected'])),
  /** Index into `pictures` of where to look first; absent when no place is known. */
  keyPicture: z.int().optional(),
});
export type CaseFinding = z.infer<typeof CaseFinding>;

/** One content item of the report as a person reads it. */
export interface TreeItem {
  /** `Finding`. */
  readonly name: string;
  readonly code?: string | undefined;
  /** `Pneumonia`, `0.87`, `SC image …`. */
  readonly value?: string | undefined;
  readonly valueCode?: string | undefined;
  readonly children: readonly TreeItem[];
}
export const TreeItem: z.ZodType<TreeItem> = z.lazy(() =>
  z.object({
    name: z.string(),
    code: z.string().optional(),
    value: z.string().optional(),
    valueCode: z.string().optional(),
    children: z.array(TreeItem),
  }),
);

/** `GET /api/review/cases/:analysis` */
export const Case = CaseLine.extend({
  reportUID: z.string(),
  /** Source frames that the result speaks of, in order; rows and columns of each, and spacing in mm where it is known. */
  pictures: z.array(
    z.object({
      SOPInstanceUID: z.string(),
      SeriesInstanceUID: z.string(),
      frame: z.int().optional(),
      rows: z.int(),
      columns: z.int(),
      /** Row spacing by column spacing, where it is not 1: the picture is that much taller. */
      aspect: z.number().optional(),
      /** `Image 41 of 181`. */
      name: z.string(),
    }),
  ),
  allFindings: z.array(CaseFinding),
  tree: TreeItem,
  objects: z.array(
    z.object({
      kind: z.string(),
      SOPInstanceUID: z.string(),
      /** Is it in the archive, and can it be read as what it says it is? */
      state: z.enum(['valid', 'unreadable', 'missing']),
      words: z.string(),
    }),
  ),
  /** Facts in the order to read them: version, device UID, threshold, preprocessing, input series, digest, times. */
  provenance: z.array(z.object({ name: z.string(), value: z.string() })),
  modelFacts: z.object({
    name: z.string(),
    version: z.string(),
    intendedUse: z.string(),
    limits: z.array(z.string()),
    card: z.string(),
  }),
  /** Other results of the same series: superseded ones, other versions, other models. */
  earlier: z.array(
    z.object({
      analysis: z.string(),
      model: z.string(),
      version: z.string(),
      state: z.string(),
      sentence: z.string(),
      at: z.string(),
    }),
  ),
  /** Results of earlier studies of the same patient, newest first. */
  priors: z.array(z.object({ StudyInstanceUID: z.string(), sentence: z.string(), at: z.string() })),
  /** What the caller may see: never what another said of a blind case before the caller has signed. */
  readings: z.array(SignedReading),
  /** How many have signed whose readings are hidden from the caller. */
  hidden: z.int(),
  draft: Reading.optional(),
  mySignature: z.string().optional(),
  /** May the caller sign, and why not. */
  maySign: z.object({ may: z.boolean(), as: z.enum(['reader', 'arbiter']), why: z.string().optional() }),
  /** Who corrected masks of it last; the findings whose mask it is have the overlay `corrected`. */
  corrected: z.object({ by: z.string(), at: z.string() }).optional(),
  /** Address of OHIF at this study, in review mode. */
  viewer: z.string(),
});
export type Case = z.infer<typeof Case>;

/** `GET …/pictures/:n/window` says that by which a picture asks to be shown. A window of values, in the unit of the image after its modality LUT (HU of a CT): `centre` is mid-grey, `width` goes from black to white. */
export const Window = z.strictObject({
  centre: z.number().min(-1e6).max(1e6),
  width: z.number().min(1e-6).max(2e6),
});
export type Window = z.infer<typeof Window>;

/** Of a picture: through another window than that which the image asks for; both numbers, or neither. Of an image in colour it is refused. */
export const PictureQuery = z
  .strictObject({
    centre: z.coerce.number().pipe(Window.shape.centre).optional(),
    width: z.coerce.number().pipe(Window.shape.width).optional(),
  })
  .refine(
    ({ centre, width }) => (centre === undefined) === (width === undefined),
    'centre and width go together',
  );

/**
 * `GET /api/review/cases/:analysis/pictures/:n.png?centre=40&width=400`: the source frame as it asks to be shown or through a window, 8-bit grey or RGB.
 * `GET …/pictures/:n/map.png?finding=0&top=0.2&colours=inferno&against=0`: the map on the same pixels, transparent where hidden. 404 where none was computed.
 * `GET …/pictures/:n/mask.png?finding=0`, `corrected.png` (the mask as a person corrected it) and `uncertainty.png` likewise. Overlays cover the frame from edge to edge; of a large frame they have fewer pixels.
 */
export const MapQuery = z.strictObject({
  finding: z.coerce.number().int().min(0).max(999).default(0),
  /** Share of the strongest evidence that is shown, 0..1. */
  top: z.coerce.number().gt(0).max(1).default(0.2),
  colours: z.enum(PALETTES).default('inferno'),
  /** 1: the evidence against, hatched in blue. */
  against: z.enum(['0', '1']).default('0'),
});
export type MapQuery = z.infer<typeof MapQuery>;
