import type { DicomObject } from '../contracts.ts';
import { CODES, type Code } from '../dicom/code.ts';
import { codeOf, type Dataset, items, readPart10, text } from '../dicom/read.ts';
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
import { codeValue, container, personValue, textValue } from './content.ts';
import type { Correction } from './correction.ts';
import { withoutUnknown } from './patient.ts';

/**
 * A person's assessment of a report as a new VERIFIED document that names the person and, as its predecessor, the report (PS3.3 C.17.2); the report
 * itself stays as it is. Accepted: all of its content stands. Rejected: none of its findings is repeated, so that nobody reads them as
 * verified. Modified: in their place stand those of `correction`. Throws ENCODE_INVALID, DICOM_UNREADABLE.
 */
export function verifyReport(
  report: Uint8Array,
  assessment: Assessment,
  correction?: Correction,
): DicomObject {
  const original = readPart10(report);
  const { dataset } = original;
  assertVerifiable(dataset);
  if ((assessment.verdict === 'modified') !== (correction !== undefined))
    throw new Fault('ENCODE_INVALID', 'ContentSequence: a modified result, and no other, has a correction');
  for (const cited of correction?.cited ?? []) assertSameStudy(dataset, cited);
  return follow(original, assessment, {
    kind: 'SR',
    from: [text(dataset, 'SOPInstanceUID') ?? '', ...(correction?.from ?? [])],
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
      PredecessorDocumentsSequence: [predecessorOf(dataset, assessment.predecessor)],
      ...(correction
        ? { CurrentRequestedProcedureEvidenceSequence: evidenceWith(dataset, correction.cited) }
        : {}),
      ContentSequence: contentOf(dataset, assessment, correction?.groups ?? []),
    },
  });
}

/** A reference to the report, or to the verified one that came between. */
export const predecessorOf = (report: Dataset, between: Assessment['predecessor']): Writable =>
  referenceTo({
    ...Object.fromEntries(
      ['StudyInstanceUID', 'SOPClassUID', 'SeriesInstanceUID', 'SOPInstanceUID'].map((k) => [
        k,
        text(report, k),
      ]),
    ),
    ...between,
  });

export function assertVerifiable(dataset: Dataset): void {
  if (codeOf(dataset, 'ConceptNameCodeSequence')?.value !== CODES.imagingMeasurementReport.value)
    throw new Fault(
      'ENCODE_INVALID',
      'ConceptNameCodeSequence: only an Imaging Measurement Report is verified',
    );
}

/** The original's tree with the person as a further observer, and with the assessment among its qualitative evaluations. */
function contentOf(
  dataset: Dataset,
  assessment: Assessment,
  groups: readonly Writable[],
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

export const is =
  (concept: Code) =>
  (item: Dataset): boolean =>
    codeOf(item, 'ConceptNameCodeSequence')?.value === concept.value;

/** TID 1003. */
export function observerOf({
  person,
  organization,
}: Pick<Assessment, 'person' | 'organization'>): readonly Writable[] {
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

/** The evidence of the report and what a correction cites, each object once, in the item of the study. */
function evidenceWith(dataset: Dataset, cited: readonly Dataset[]): readonly Writable[] {
  const [own, ...others] = withoutUnknown(
    items(dataset, 'CurrentRequestedProcedureEvidenceSequence'),
  ) as readonly Dataset[];
  const series = own ? [...items(own, 'ReferencedSeriesSequence')] : [];
  for (const added of cited) {
    const uid = text(added, 'SeriesInstanceUID');
    const at = series.findIndex((each) => text(each, 'SeriesInstanceUID') === uid);
    const before = at < 0 ? [] : items(series[at] as Dataset, 'ReferencedSOPSequence');
    const isThere = before.some(
      (each) => text(each, 'ReferencedSOPInstanceUID') === text(added, 'SOPInstanceUID'),
    );
    if (isThere) continue;
    const grown = { SeriesInstanceUID: uid, ReferencedSOPSequence: [...before, instance(added)] };
    if (at < 0) series.push(grown);
    else series[at] = grown;
  }
  const study = own ?? { StudyInstanceUID: text(dataset, 'StudyInstanceUID') };
  return [{ ...study, ReferencedSeriesSequence: series }, ...others] as readonly Writable[];
}
