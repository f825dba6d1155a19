import { ACCEPTANCE_CODE, CODES, code } from '../../dicom/code.ts';
import { codeOf, type Dataset, items, type Part10, text, texts } from '../../dicom/read.ts';
import { all, children, imagesOf, textUnder, typeOf } from '../../results/content.ts';
import type { Reference } from '../../results/references.ts';
import { findingsOf, type StoredFinding } from './findings.ts';

/** A report of ours as the archive holds it. */
export interface StoredReport {
  readonly dataset: Dataset;
  readonly findings: readonly StoredFinding[];
  /** The source images, in their order. */
  readonly library: readonly Reference[];
  /** The series of an instance that the report refers to. */
  seriesOf(SOPInstanceUID: string): string | undefined;
  /** Who made it, as the contributing equipment says. */
  readonly maker: {
    readonly name?: string;
    readonly version?: string;
    readonly digest?: string;
    readonly manufacturer?: string;
    readonly DeviceUID?: string;
    /** Intended use and limits in words. */
    readonly description?: string;
  };
  /** Whether the package was accepted as it ran; absent in reports that do not say. */
  readonly acceptance?: string;
}

const QUALITATIVE_EVALUATIONS = code('C0034375', 'UMLS', 'Qualitative Evaluations');

const known = new WeakMap<Part10, StoredReport>();

export function reportOf(file: Part10): StoredReport {
  const before = known.get(file);
  if (before) return before;
  const { dataset } = file;
  const series = evidenceOf(dataset);
  const acceptance = all(dataset, QUALITATIVE_EVALUATIONS)
    .map((said) => textUnder(said, ACCEPTANCE_CODE))
    .find(Boolean);
  const report: StoredReport = {
    dataset,
    findings: findingsOf(dataset),
    library: all(dataset, CODES.imageLibrary).flatMap(libraryOf),
    seriesOf: (uid) => series.get(uid),
    maker: makerOf(dataset),
    ...(acceptance === undefined ? {} : { acceptance }),
  };
  known.set(file, report);
  return report;
}

const libraryOf = (item: Dataset): readonly Reference[] =>
  typeOf(item) === 'IMAGE' ? imagesOf(item) : children(item).flatMap(libraryOf);

/** PS3.3 C.17.2.1. */
const evidenceOf = (dataset: Dataset): ReadonlyMap<string, string> =>
  new Map(
    items(dataset, 'CurrentRequestedProcedureEvidenceSequence')
      .flatMap((study) => items(study, 'ReferencedSeriesSequence'))
      .flatMap((series) =>
        items(series, 'ReferencedSOPSequence').map((image): [string, string] => [
          text(image, 'ReferencedSOPInstanceUID') ?? '',
          text(series, 'SeriesInstanceUID') ?? '',
        ]),
      ),
  );

function makerOf(dataset: Dataset): StoredReport['maker'] {
  const equipment = items(dataset, 'ContributingEquipmentSequence').find(
    (item) => codeOf(item, 'PurposeOfReferenceCodeSequence')?.value === CODES.processingEquipment.value,
  );
  if (!equipment) return {};
  const [version, digest] = texts(equipment, 'SoftwareVersions');
  return Object.fromEntries(
    Object.entries({
      name: text(equipment, 'ManufacturerModelName'),
      version,
      digest,
      manufacturer: text(equipment, 'Manufacturer'),
      DeviceUID: text(equipment, 'DeviceUID'),
      description: text(equipment, 'ContributionDescription'),
    }).filter(([, value]) => value !== undefined),
  );
}
