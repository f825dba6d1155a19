import type { DicomObject } from '../contracts.ts';
import { CODES, type Code, UNITS } from '../dicom/code.ts';
import { type Dataset, items, readPart10, text } from '../dicom/read.ts';
import type { Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import { type Assessment, follow, VERDICTS } from './assessment.ts';
import { clockOf } from './clock.ts';
import { CONCEPTS } from './concepts.ts';
import { codeValue, container, numberValue, textValue, uidValue } from './content.ts';
import { withoutUnknown } from './patient.ts';
import { assertVerifiable, is, observerOf, predecessorOf } from './verify.ts';

/** What readers settled of each finding of a report. */
export interface Review {
  /** Who verifies it, PN, and when each signed (ISO 8601): one reader, two who agree, or the arbiter of two who don't. */
  readonly persons: readonly { readonly person: string; readonly at: string }[];
  readonly organization: string;
  /** Of every finding, in the report's order. */
  readonly findings: readonly {
    readonly verdict: 'agree' | 'disagree' | 'cannot-tell';
    readonly reasons: readonly Code[];
    /** 1 to 5; of several readers the mean. */
    readonly explanation?: number | undefined;
  }[];
  readonly notes: readonly string[];
  /** When it was settled; ISO 8601. */
  readonly at: string;
  /** The verified report that this one takes the place of; the report itself where it is the first. */
  readonly predecessor?: { readonly SeriesInstanceUID: string; readonly SOPInstanceUID: string } | undefined;
}

const SAID = { agree: CODES.accepted, disagree: CODES.rejected, 'cannot-tell': CODES.cannotTell } as const;

/**
 * What readers settled of a report, finding by finding, as a new VERIFIED document; the report itself stays as it is. It repeats the findings that
 * they agree with, and no other: of those it has the verdict with its reasons, so that nobody takes them for verified. Its predecessor is the
 * report, or the verified one that it amends. Throws ENCODE_INVALID, DICOM_UNREADABLE.
 */
export function verifyFindings(report: Uint8Array, review: Review): DicomObject {
  const original = readPart10(report);
  const { dataset } = original;
  assertVerifiable(dataset);
  const groups = groupsOf(dataset);
  if (groups.length !== review.findings.length)
    throw new Fault(
      'ENCODE_INVALID',
      `ContentSequence: the report has ${groups.length} findings, the review ${review.findings.length}`,
    );
  const [first] = review.persons;
  if (!first || review.findings.every(({ verdict }) => verdict === 'cannot-tell'))
    throw new Fault('ENCODE_INVALID', 'VerificationFlag: nobody verifies what nobody could tell');
  const offset = text(dataset, 'TimezoneOffsetFromUTC');
  const { organization, at } = review;
  const assessment: Assessment = { person: first.person, organization, verdict: overall(review), at };
  return follow(original, assessment, {
    kind: 'SR',
    from: [text(dataset, 'SOPInstanceUID') ?? '', JSON.stringify(review)],
    what: assessment.verdict,
    body: {
      CompletionFlag: 'COMPLETE',
      VerificationFlag: 'VERIFIED',
      VerifyingObserverSequence: review.persons.map((person) => ({
        VerifyingObserverName: person.person,
        VerifyingObserverIdentificationCodeSequence: [],
        VerifyingOrganization: organization,
        VerificationDateTime: clockOf(person.at, offset).dateTime,
      })),
      PredecessorDocumentsSequence: [predecessorOf(dataset, review.predecessor)],
      ContentSequence: contentOf(dataset, review, groups),
    },
  });
}

/** All stands, nothing does, or some. */
function overall({ findings }: Review): Assessment['verdict'] {
  const agreed = findings.filter(({ verdict }) => verdict === 'agree').length;
  return agreed === findings.length ? 'accepted' : agreed === 0 ? 'rejected' : 'modified';
}

/** The measurement groups of each finding: its own, which has the words, and those of its places, which follow (docs/result-format.md). */
function groupsOf(dataset: Dataset): readonly (readonly Dataset[])[] {
  const findings: Dataset[][] = [];
  for (const group of items(dataset, 'ContentSequence')
    .filter(is(CODES.imagingMeasurements))
    .flatMap((c) => items(c, 'ContentSequence'))) {
    if (items(group, 'ContentSequence').some(is(CODES.summary))) findings.push([group]);
    else findings.at(-1)?.push(group);
  }
  return findings;
}

function contentOf(
  dataset: Dataset,
  review: Review,
  groups: readonly (readonly Dataset[])[],
): readonly Writable[] {
  const content = withoutUnknown(items(dataset, 'ContentSequence')) as readonly Writable[];
  const isWhole = overall(review) === 'accepted';
  const evaluations = content
    .filter(is(CONCEPTS.qualitativeEvaluations))
    .flatMap((c) => items(c, 'ContentSequence'))
    // Of the whole analysis: it is not verified when a part of it is not.
    .filter((e) => isWhole || !is(CONCEPTS.processingSummary)(e));
  const agreed = groups.flatMap((own, n) => (review.findings[n]?.verdict === 'agree' ? own : []));
  const measured = withoutUnknown(agreed) as readonly Writable[];
  const rest = content.filter(
    (c) => !is(CONCEPTS.qualitativeEvaluations)(c) && !is(CODES.imagingMeasurements)(c),
  );
  const at = 1 + rest.findLastIndex((c) => c.RelationshipType === 'HAS OBS CONTEXT');
  return [
    ...rest.slice(0, at),
    ...review.persons.flatMap(({ person }) => observerOf({ person, organization: review.organization })),
    ...rest.slice(at),
    ...(measured.length > 0 ? [container(CODES.imagingMeasurements, measured)] : []),
    container(CONCEPTS.qualitativeEvaluations, [
      ...(evaluations as readonly Writable[]),
      codeValue(CODES.assessment, VERDICTS[overall(review)]),
      ...reasonsOf(review).map((reason) => codeValue(CODES.reason, reason)),
      ...groups.map(([group], n) =>
        saidOf(group as Dataset, review.findings[n] as Review['findings'][number]),
      ),
      ...review.notes.map((note) => textValue(CONCEPTS.comment, note)),
    ]),
  ];
}

/** Of all findings, each once. */
const reasonsOf = ({ findings }: Review): readonly Code[] => [
  ...new Map(findings.flatMap(({ reasons }) => reasons).map((r) => [r.value, r])).values(),
];

const PROPERTY = { relationship: 'HAS PROPERTIES' } as const;

/** The verdict of one finding, which it names by its tracking: the finding itself may not be in the document. */
function saidOf(group: Dataset, { verdict, reasons, explanation }: Review['findings'][number]): Writable {
  const child = (concept: Code): Dataset | undefined => items(group, 'ContentSequence').find(is(concept));
  const label = text(child(CODES.trackingIdentifier) ?? {}, 'TextValue');
  const uid = text(child(CODES.trackingUid) ?? {}, 'UID');
  return codeValue(CODES.findingAssessment, SAID[verdict], {
    children: [
      ...(label ? [textValue(CODES.trackingIdentifier, label, PROPERTY)] : []),
      ...(uid ? [uidValue(CODES.trackingUid, uid, PROPERTY)] : []),
      ...reasons.map((reason) => codeValue(CODES.reason, reason, PROPERTY)),
      ...(explanation === undefined
        ? []
        : [numberValue(CODES.explanationRating, explanation, UNITS.one, PROPERTY)]),
    ],
  });
}
