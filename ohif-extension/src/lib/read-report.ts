import { ACCEPTANCE_CODE, ANSWER_CODES, CODES } from '../../../server/dicom/code.ts';
import { childrenOf, codeUnder, findAll, nameOf, textUnder, uidUnder } from './content-tree.ts';
import { type DicomJson, items, momentOf, person, sameCode, text, texts } from './dicom-json.ts';
import { evidenceOf, modelEquipmentOf } from './provenance.ts';
import { isFindingGroup, readFinding, volumeOf } from './read-group.ts';
import { readMaker, readOtherFindings } from './read-other.ts';
import { readPlaces } from './read-places.ts';
import {
  ANSWERS,
  type Assessment,
  type Finding,
  type ImageReference,
  type ModelFacts,
  type Region,
  type Result,
  type Subject,
} from './result.ts';

/**
 * A report after TID 1500, ours (docs/result-format.md) or another's, or undefined when the document is something else. Items are found
 * by their codes; what is missing is left out, and never guessed.
 */
export function readReport(document: DicomJson): Result | undefined {
  const SOPInstanceUID = text(document, 'SOPInstanceUID');
  if (!SOPInstanceUID || !sameCode(nameOf(document), CODES.imagingMeasurementReport)) return undefined;
  const groups = findAll(document, CODES.imagingMeasurements, 'CONTAINER').flatMap((measurements) =>
    findAll(measurements, CODES.measurementGroup, 'CONTAINER'),
  );
  const assessment = assessmentOf(document);
  if (groups.length === 0 && !assessment) return undefined;
  const explained = groups.filter(isFindingGroup);
  const isOurs = explained.length > 0;
  const seriesOf = evidenceOf(document);
  const found = isOurs ? explained.map(readFinding) : readOtherFindings(groups);
  const located = found.map((finding) => withSeries(finding, seriesOf));
  return {
    SOPInstanceUID,
    SeriesInstanceUID: text(document, 'SeriesInstanceUID') ?? '',
    StudyInstanceUID: text(document, 'StudyInstanceUID') ?? '',
    ...given('subject', subjectOf(document)),
    ...given('source', sourceOf(document, seriesOf)),
    model: isOurs ? modelOf(document, explained[0] as DicomJson) : readMaker(document, groups),
    createdAt: momentOf(text(document, 'ContentDate'), text(document, 'ContentTime')),
    verified: text(document, 'VerificationFlag') === 'VERIFIED',
    ...given('language', languageOf(document)),
    origin: isOurs ? 'explained' : 'other',
    findings: isOurs ? addFurtherRegions(located, groups) : located,
    ...(assessment
      ? {
          assessment: {
            ...assessment,
            ...(isModified(document)
              ? { corrected: located.map((finding) => withVolume(finding, groups)) }
              : {}),
          },
        }
      : {}),
  };
}

const languageOf = (document: DicomJson): string | undefined => {
  const { value, scheme } = codeUnder(document, CODES.language) ?? {};
  return scheme === 'RFC5646' ? value : undefined;
};

/** A corrected segment has its volume in a group that is none of ours. */
function withVolume(finding: Finding, groups: readonly DicomJson[]): Finding {
  const own = groups.filter((group) => uidUnder(group, CODES.trackingUid) === finding.trackingUID);
  const volumeMl = own.map(volumeOf).find((ml) => ml !== undefined);
  return { ...finding, ...(volumeMl === undefined ? {} : { volumeMl }) };
}

const isModified = (document: DicomJson): boolean =>
  evaluationsOf(document).some((said) => sameCode(codeUnder(said, CODES.assessment), CODES.modified));

const QUALITATIVE_EVALUATIONS = { value: 'C0034375', scheme: 'UMLS' };
const COMMENT = { value: '121106', scheme: 'DCM' };

/** What is said of the whole report. */
const evaluationsOf = (document: DicomJson): readonly DicomJson[] =>
  findAll(document, QUALITATIVE_EVALUATIONS, 'CONTAINER');

/** What a person said of an earlier report (docs/result-format.md). */
function assessmentOf(document: DicomJson): Assessment | undefined {
  const said = evaluationsOf(document);
  const verdict = said.map((each) => codeUnder(each, CODES.assessment)).find(Boolean);
  const of = items(document, 'PredecessorDocumentsSequence')
    .flatMap((study) => items(study, 'ReferencedSeriesSequence'))
    .flatMap((series) => items(series, 'ReferencedSOPSequence'))
    .flatMap((image) => text(image, 'ReferencedSOPInstanceUID') ?? [])[0];
  if (!verdict || !of) return undefined;
  const observer = items(document, 'VerifyingObserverSequence').at(-1);
  return {
    verdict: verdict.meaning,
    isRejected: sameCode(verdict, CODES.rejected),
    of,
    document: {
      SOPInstanceUID: text(document, 'SOPInstanceUID') ?? '',
      SeriesInstanceUID: text(document, 'SeriesInstanceUID') ?? '',
      StudyInstanceUID: text(document, 'StudyInstanceUID') ?? '',
    },
    ...given('person', observer && person(observer, 'VerifyingObserverName')),
    ...given('reason', said.map((each) => codeUnder(each, CODES.reason)).find(Boolean)?.meaning),
    ...given('note', said.map((each) => textUnder(each, COMMENT)).find(Boolean)),
  };
}

function subjectOf(document: DicomJson): Subject | undefined {
  const PatientID = text(document, 'PatientID');
  const studiedAt = momentOf(text(document, 'StudyDate'), text(document, 'StudyTime'));
  if (PatientID === undefined || studiedAt === '') return undefined;
  return {
    PatientID,
    IssuerOfPatientID: text(document, 'IssuerOfPatientID') ?? '',
    PatientBirthDate: text(document, 'PatientBirthDate') ?? '',
    studiedAt,
  };
}

/** The series of the first image that the report lists as looked at. */
const sourceOf = (document: DicomJson, seriesOf: ReadonlyMap<string, string>): string | undefined =>
  findAll(document, CODES.imageLibrary, 'CONTAINER')
    .flatMap((library) => findAll(library, CODES.imageLibraryGroup, 'CONTAINER'))
    .flatMap(childrenOf)
    .flatMap((image) => items(image, 'ReferencedSOPSequence'))
    .flatMap((image) => seriesOf.get(text(image, 'ReferencedSOPInstanceUID') ?? '') ?? [])[0];

function withSeries(finding: Finding, seriesOf: ReadonlyMap<string, string>): Finding {
  const located = <T extends ImageReference>(image: T): T => {
    const series = seriesOf.get(image.SOPInstanceUID);
    return series ? { ...image, SeriesInstanceUID: series } : image;
  };
  const { segment, explanations } = finding;
  return {
    ...finding,
    explanations: explanations.map(located),
    ...(segment ? { segment: located(segment) } : {}),
  };
}

/** Regions after the first have groups of their own, named `<label>: <name>`. */
function addFurtherRegions(findings: readonly Finding[], groups: readonly DicomJson[]): readonly Finding[] {
  const further = groups
    .filter((group) => !isFindingGroup(group))
    .map((group): [string, readonly Region[]] => [
      textUnder(group, CODES.trackingIdentifier) ?? '',
      readPlaces(group).regions,
    ]);
  return findings.map((finding) => ({
    ...finding,
    regions: [
      ...finding.regions,
      ...further.filter(([name]) => name.startsWith(`${finding.label}: `)).flatMap(([, regions]) => regions),
    ],
  }));
}

/** Who made it: the contributing equipment that processed the images, else what the group says of its algorithm. */
function modelOf(document: DicomJson, group: DicomJson): ModelFacts {
  const equipment = modelEquipmentOf(document);
  const said = (keyword: Parameters<typeof text>[1]) => equipment && text(equipment, keyword);
  const answers = answersOf(document);
  const acceptance = evaluationsOf(document)
    .map((each) => textUnder(each, ACCEPTANCE_CODE))
    .find(Boolean);
  const [version, digest] = equipment ? texts(equipment, 'SoftwareVersions') : [];
  return {
    name: textUnder(group, CODES.algorithmName) ?? said('ManufacturerModelName') ?? '',
    version: textUnder(group, CODES.algorithmVersion) ?? version ?? '',
    ...given('manufacturer', said('Manufacturer')),
    ...given('id', said('DeviceSerialNumber')),
    ...given('digest', digest),
    ...given('answers', answers),
    ...given('acceptance', acceptance),
    ...given('description', said('ContributionDescription')),
  };
}

function answersOf(document: DicomJson): ModelFacts['answers'] {
  const said = evaluationsOf(document);
  const answers = ANSWERS.flatMap((question) => {
    const answer = said.map((each) => textUnder(each, ANSWER_CODES[question])).find(Boolean);
    return answer === undefined ? [] : [[question, answer] as const];
  });
  return answers.length > 0 ? Object.fromEntries(answers) : undefined;
}

const given = <K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, T>);
