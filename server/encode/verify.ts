import type { DicomObject } from '../contracts.ts';
import { CODES, type Code, UNITS } from '../dicom/code.ts';
import { codeOf, type Dataset, items, type Part10, readPart10, text } from '../dicom/read.ts';
import type { Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import {
  type Assessment,
  assertSameStudy,
  clockOfAssessment,
  follow,
  instance,
  referenceTo,
  VERDICTS,
} from './assessment.ts';
import { CONCEPTS } from './concepts.ts';
import {
  codeValue,
  container,
  imageValue,
  numberValue,
  personValue,
  textValue,
  uidValue,
} from './content.ts';
import type { Corrected } from './correct.ts';
import { extentsOfMasks } from './mask-extent.ts';
import { withoutUnknown } from './patient.ts';
import { rectangleOn } from './place.ts';

/**
 * A person's assessment of a report as a new VERIFIED document that names the person and, as its predecessor, the report (PS3.3 C.17.2); the report
 * itself stays as it is. Accepted: all of its content stands. Rejected: none of its findings is repeated, so that nobody reads them as
 * verified. Modified: in their place stand the segments of `corrected`, each with its volume. Throws ENCODE_INVALID, DICOM_UNREADABLE.
 */
export function verifyReport(report: Uint8Array, assessment: Assessment, corrected?: Corrected): DicomObject {
  const original = readPart10(report);
  const { dataset } = original;
  assertVerifiable(dataset);
  if ((assessment.verdict === 'modified') !== (corrected !== undefined))
    throw new Fault(
      'ENCODE_INVALID',
      'ContentSequence: a modified result, and no other, has a corrected segmentation',
    );
  const edited = corrected && { ...readPart10(corrected.object.bytes), volumes: corrected.volumes };
  const segmentation = edited?.dataset;
  if (segmentation) assertSameStudy(dataset, segmentation);
  return follow(original, assessment, {
    kind: 'SR',
    from: [dataset, segmentation].flatMap((d) => (d ? (text(d, 'SOPInstanceUID') ?? '') : [])),
    what: assessment.verdict,
    body: {
      // Others write PARTIAL by default; what a person verified is complete (PS3.3 C.17.2.1).
      CompletionFlag: 'COMPLETE',
      VerificationFlag: 'VERIFIED',
      VerifyingObserverSequence: [
        ...(withoutUnknown(items(dataset, 'VerifyingObserverSequence')) as readonly Writable[]),
        {
          VerifyingObserverName: assessment.person,
          VerifyingObserverIdentificationCodeSequence: [],
          VerifyingOrganization: assessment.organization,
          VerificationDateTime: clockOfAssessment(assessment, original).dateTime,
        },
      ],
      PredecessorDocumentsSequence: [referenceTo(dataset)],
      ...(segmentation
        ? { CurrentRequestedProcedureEvidenceSequence: evidenceWith(dataset, segmentation) }
        : {}),
      ContentSequence: contentOf(dataset, assessment, edited),
    },
  });
}

function assertVerifiable(dataset: Dataset): void {
  if (codeOf(dataset, 'ConceptNameCodeSequence')?.value !== CODES.imagingMeasurementReport.value)
    throw new Fault(
      'ENCODE_INVALID',
      'ConceptNameCodeSequence: only an Imaging Measurement Report is verified',
    );
}

type Edited = Part10 & Pick<Corrected, 'volumes'>;

/** The original's tree with the person as a further observer, and with the assessment among its qualitative evaluations. */
function contentOf(
  dataset: Dataset,
  assessment: Assessment,
  edited: Edited | undefined,
): readonly Writable[] {
  const content = withoutUnknown(items(dataset, 'ContentSequence')) as readonly Writable[];
  const isKept = assessment.verdict === 'accepted';
  const evaluations = content
    .filter(is(CONCEPTS.qualitativeEvaluations))
    .flatMap((c) => items(c, 'ContentSequence'));
  const said = isKept ? evaluations.filter((e) => !ASSESSED.some((concept) => is(concept)(e))) : [];
  const rest = content.filter(
    (c) => !is(CONCEPTS.qualitativeEvaluations)(c) && (isKept || !is(CODES.imagingMeasurements)(c)),
  );
  const groups = edited ? correctedGroups(edited) : [];
  const at = 1 + rest.findLastIndex((c) => c.RelationshipType === 'HAS OBS CONTEXT');
  return [
    ...rest.slice(0, at),
    ...observerOf(assessment),
    ...rest.slice(at),
    ...(groups.length > 0 ? [container(CODES.imagingMeasurements, groups)] : []),
    container(CONCEPTS.qualitativeEvaluations, [...said, ...assessmentItems(assessment)]),
  ];
}

const ASSESSED: readonly Code[] = [CODES.assessment, CODES.reason, CONCEPTS.comment];

const is =
  (concept: Code) =>
  (item: Dataset): boolean =>
    codeOf(item, 'ConceptNameCodeSequence')?.value === concept.value;

/** TID 1003. */
function observerOf({ person, organization }: Assessment): readonly Writable[] {
  const context = { relationship: 'HAS OBS CONTEXT' } as const;
  return [
    codeValue(CONCEPTS.observerType, CONCEPTS.person, context),
    personValue(CONCEPTS.personName, person, context),
    textValue(CONCEPTS.personOrganization, organization, context),
  ];
}

const assessmentItems = ({ verdict, reason, note }: Assessment): readonly Writable[] => [
  codeValue(CODES.assessment, VERDICTS[verdict]),
  ...(reason ? [codeValue(CODES.reason, reason)] : []),
  ...(note ? [textValue(CONCEPTS.comment, note)] : []),
];

/**
 * TID 1411: what each corrected segment is, where, and its volume; then as in every report its extent under the same UID (TID 1410). A segment
 * that the person emptied is no finding.
 */
function correctedGroups(edited: Edited): readonly Writable[] {
  const { dataset: segmentation } = edited;
  const [series] = items(segmentation, 'ReferencedSeriesSequence');
  const extents = extentsOfMasks(edited);
  const context = { relationship: 'HAS OBS CONTEXT' } as const;
  return items(segmentation, 'SegmentSequence').flatMap((segment) => {
    const segmentNumber = Number(text(segment, 'SegmentNumber'));
    const extent = extents.get(segmentNumber);
    if (!extent) return [];
    const category = codeOf(segment, 'SegmentedPropertyCategoryCodeSequence');
    const type = codeOf(segment, 'SegmentedPropertyTypeCodeSequence');
    const tracked = text(segment, 'TrackingUID');
    const source = series && text(series, 'SeriesInstanceUID');
    if (!category || !type || !tracked || !source)
      throw new Fault(
        'ENCODE_INVALID',
        'SegmentSequence: a corrected segment lacks its codes, tracking or source',
      );
    const what = [
      textValue(
        CODES.trackingIdentifier,
        text(segment, 'TrackingID') ?? text(segment, 'SegmentLabel') ?? type.meaning,
        context,
      ),
      uidValue(CODES.trackingUid, tracked, context),
      codeValue(CODES.findingCategory, category),
      codeValue(CODES.finding, type),
    ];
    const image = { ...instance(segmentation), ReferencedSegmentNumber: segmentNumber };
    const place = [
      imageValue(image, { name: CODES.referencedSegment }),
      uidValue(CONCEPTS.sourceSeries, source),
    ];
    return [
      container(
        CODES.measurementGroup,
        [...what, ...place, ...volumeItem(edited.volumes.get(segmentNumber))],
        '1411',
      ),
      ...(extent.source
        ? [
            container(
              CODES.measurementGroup,
              [...what, rectangleOn(extent.source, extent.box, { name: CODES.imageRegion })],
              '1410',
            ),
          ]
        : []),
    ];
  });
}

const volumeItem = (volumeMm3: number | undefined): readonly Writable[] =>
  volumeMm3 === undefined
    ? []
    : [
        numberValue(CODES.volume, volumeMm3, UNITS.mm3, {
          children: [
            codeValue(CONCEPTS.measurementMethod, CONCEPTS.voxelSum, { relationship: 'HAS CONCEPT MOD' }),
          ],
        }),
      ];

/** The evidence of the report and the corrected segmentation, in one item of the study. */
function evidenceWith(dataset: Dataset, segmentation: Dataset): readonly Writable[] {
  const studies = withoutUnknown(
    items(dataset, 'CurrentRequestedProcedureEvidenceSequence'),
  ) as readonly Writable[];
  const added = referenceTo(segmentation);
  const [own, ...others] = studies;
  if (!own) return [added];
  const series = [...items(own, 'ReferencedSeriesSequence'), ...items(added, 'ReferencedSeriesSequence')];
  return [{ ...own, ReferencedSeriesSequence: series }, ...others];
}
