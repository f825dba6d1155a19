import { text } from '../dicom/read.ts';
import type { AnalysisRecord } from './cases.ts';
import type { Case } from './contract/case.ts';
import type { StoredReport } from './stored/report.ts';

/** What a package says of itself. */
export interface InstalledModel {
  readonly name: string;
  readonly intendedUse: string;
  readonly limits: readonly string[];
  /** Its card, Markdown. */
  readonly card: string;
}

/** Where a result comes from, in the order to read it. */
export function provenanceOf(report: StoredReport, record: AnalysisRecord): Case['provenance'] {
  const { maker, findings, dataset, acceptance } = report;
  const [first] = findings;
  const [named, prepared] = [
    first?.threshold === undefined ? [] : [['Operating point of the first finding', String(first.threshold)]],
    (first?.parameters ?? []).filter((p) => !p.startsWith('threshold=')).map((p) => p.split(/=(.*)/s)),
  ];
  const made = record.made_at.toISOString();
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Model', [maker.name, maker.version].filter(Boolean).join(' ') || undefined],
    ['Made by', maker.manufacturer],
    ['Device UID', maker.DeviceUID],
    ['Package (SHA-256)', maker.digest],
    ['Acceptance', acceptance],
    ...(named as [string, string][]),
    ...prepared.map(([name = '', value]): [string, string | undefined] => [`Prepared: ${name}`, value]),
    ['Images', `${record.instances} of series ${record.series}`],
    ['Why it ran', record.why ?? undefined],
    ['Images complete', record.settled_at],
    ['Result in the archive', made],
    [
      'Written by',
      [text(dataset, 'ManufacturerModelName'), text(dataset, 'SoftwareVersions')].filter(Boolean).join(' '),
    ],
    ['Report', text(dataset, 'SOPInstanceUID')],
    ['Analysis', record.id],
  ];
  return facts.flatMap(([name, value]) => (value ? [{ name, value }] : []));
}

/** Of the package where it is installed, else what the report says of it. */
export const factsOf = ({ maker }: StoredReport, model: InstalledModel | undefined): Case['modelFacts'] => ({
  name: model?.name ?? maker.name ?? '',
  version: maker.version ?? '',
  intendedUse: model?.intendedUse ?? maker.description ?? '',
  limits: [...(model?.limits ?? [])],
  card: model?.card ?? '',
});
