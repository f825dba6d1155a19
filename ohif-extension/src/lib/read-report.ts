import { CODES } from '../../../server/dicom/code.ts';
import { find, findAll, nameOf, textUnder } from './content-tree.ts';
import { codeOf, type DicomJson, items, sameCode, text, texts } from './dicom-json.ts';
import { isFindingGroup, readFinding, readRegions } from './read-group.ts';
import type { Finding, ImageReference, ModelFacts, Region, Result } from './result.ts';

/**
 * A report of ours (docs/result-format.md), or undefined when the document is another one. Items are found by their codes;
 * what is missing is left out, and never guessed.
 */
export function readReport(document: DicomJson): Result | undefined {
  const SOPInstanceUID = text(document, 'SOPInstanceUID');
  const measurements = find(document, CODES.imagingMeasurements, 'CONTAINER');
  if (!SOPInstanceUID || !measurements || !sameCode(nameOf(document), CODES.imagingMeasurementReport))
    return undefined;
  const groups = findAll(measurements, CODES.measurementGroup, 'CONTAINER');
  const first = groups.find(isFindingGroup);
  if (!first) return undefined;
  const seriesOf = evidenceOf(document);
  const found = groups.filter(isFindingGroup).map((group) => withSeries(readFinding(group), seriesOf));
  return {
    SOPInstanceUID,
    SeriesInstanceUID: text(document, 'SeriesInstanceUID') ?? '',
    StudyInstanceUID: text(document, 'StudyInstanceUID') ?? '',
    model: modelOf(document, first),
    createdAt: createdAt(document),
    verified: text(document, 'VerificationFlag') === 'VERIFIED',
    findings: addFurtherRegions(found, groups),
  };
}

/** The series of each image that the report refers to (PS3.3 C.17.2.1). */
const evidenceOf = (document: DicomJson): ReadonlyMap<string, string> =>
  new Map(
    items(document, 'CurrentRequestedProcedureEvidenceSequence')
      .flatMap((study) => items(study, 'ReferencedSeriesSequence'))
      .flatMap((series) =>
        items(series, 'ReferencedSOPSequence').map((image): [string, string] => [
          text(image, 'ReferencedSOPInstanceUID') ?? '',
          text(series, 'SeriesInstanceUID') ?? '',
        ]),
      ),
  );

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
      readRegions(group),
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
  const equipment = items(document, 'ContributingEquipmentSequence').find((item) =>
    sameCode(codeOf(item, 'PurposeOfReferenceCodeSequence'), CODES.processingEquipment),
  );
  const said = (keyword: Parameters<typeof text>[1]) => equipment && text(equipment, keyword);
  const [version, digest] = equipment ? texts(equipment, 'SoftwareVersions') : [];
  return {
    name: textUnder(group, CODES.algorithmName) ?? said('ManufacturerModelName') ?? '',
    version: textUnder(group, CODES.algorithmVersion) ?? version ?? '',
    ...given('manufacturer', said('Manufacturer')),
    ...given('id', said('DeviceSerialNumber')),
    ...given('digest', digest),
    ...given('description', said('ContributionDescription')),
  };
}

const given = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, string>);

function createdAt(document: DicomJson): string {
  const date = /^(\d{4})(\d{2})(\d{2})$/.exec(text(document, 'ContentDate') ?? '');
  if (!date) return '';
  const time = /^(\d{2})(\d{2})(\d{2})?/.exec(text(document, 'ContentTime') ?? '');
  const [, year, month, day] = date;
  return `${year}-${month}-${day}T${time ? `${time[1]}:${time[2]}:${time[3] ?? '00'}` : '00:00:00'}`;
}
