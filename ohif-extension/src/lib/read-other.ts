import { CODES } from '../../../server/dicom/code.ts';
import { childrenOf, find, findAll, nameOf, textUnder, uidUnder, valueTypeOf } from './content-tree.ts';
import {
  type CodedConcept,
  codeOf,
  type DicomJson,
  items,
  number,
  person,
  sameCode,
  text,
} from './dicom-json.ts';
import { segmentOf } from './read-group.ts';
import { readPlaces } from './read-places.ts';
import type { Finding, Measurement, ModelFacts } from './result.ts';

const SITES = [CODES.findingSite, { value: 'G-C0E3', scheme: 'SRT' }];
const OBSERVER = {
  person: { value: '121008', scheme: 'DCM' },
  device: { value: '121013', scheme: 'DCM' },
  manufacturer: { value: '121014', scheme: 'DCM' },
  model: { value: '121015', scheme: 'DCM' },
};

/**
 * The Measurement Groups of another maker's TID 1500, or of a corrected report. A group that measures nothing, under the UID of an earlier
 * one, only says where that finding is: it is no finding more.
 */
export function readOtherFindings(groups: readonly DicomJson[]): readonly Finding[] {
  const found: Finding[] = [];
  for (const finding of groups.map(readOtherFinding)) {
    const hasPlace = finding.regions.length > 0 || finding.isPlacedIn3D || finding.hasUndrawn;
    const isPlaceOnly = hasPlace && !finding.segment && finding.measurements.length === 0;
    const at = isPlaceOnly
      ? found.findIndex(({ trackingUID }) => trackingUID !== '' && trackingUID === finding.trackingUID)
      : -1;
    const earlier = found[at];
    if (earlier)
      found[at] = {
        ...earlier,
        regions: [...earlier.regions, ...finding.regions],
        ...(finding.isPlacedIn3D ? { isPlacedIn3D: true } : {}),
        ...(finding.hasUndrawn ? { hasUndrawn: true } : {}),
      };
    else found.push(finding);
  }
  return found;
}

/** What a group says by its codes, and nothing more. */
function readOtherFinding(group: DicomJson): Finding {
  const finding = valueUnder(group, CODES.finding);
  const sites = SITES.flatMap((name) => findAll(group, name, 'CODE')).flatMap(
    (item) => codeOf(item, 'ConceptCodeSequence')?.meaning ?? [],
  );
  const tracking = textUnder(group, CODES.trackingIdentifier);
  const label = finding?.meaning ?? tracking ?? '';
  const segment = segmentOf(group);
  const places = readPlaces(group);
  return {
    label: tracking ?? label,
    trackingUID: uidUnder(group, CODES.trackingUid) ?? '',
    sentence: `${[label, ...sites].filter(Boolean).join(', ')}.`,
    ...places,
    regions: places.regions.map((region, i) => ({ ...region, name: region.name || (i === 0 ? label : '') })),
    explanations: [],
    elements: [],
    measures: [],
    checks: [],
    measurements: measurementsOf(group),
    parameters: [],
    ...(segment ? { segment } : {}),
  };
}

const valueUnder = (
  group: DicomJson,
  name: Pick<CodedConcept, 'value' | 'scheme'>,
): CodedConcept | undefined => {
  const item = find(group, name, 'CODE');
  return item && codeOf(item, 'ConceptCodeSequence');
};

/** Said elsewhere in the panel. */
const PLACED = [
  CODES.finding,
  CODES.findingCategory,
  ...SITES,
  { value: '111000', scheme: 'DCM' },
] as readonly Pick<CodedConcept, 'value' | 'scheme'>[];

/** Numbers as they are, with what says how they came about, and codes that judge. */
const measurementsOf = (group: DicomJson): readonly Measurement[] =>
  childrenOf(group).flatMap((item): readonly Measurement[] => {
    const name = nameOf(item);
    if (!name || PLACED.some((placed) => sameCode(name, placed))) return [];
    if (valueTypeOf(item) === 'NUM') return numberOf(item, name.meaning);
    const value = valueTypeOf(item) === 'CODE' ? codeOf(item, 'ConceptCodeSequence') : undefined;
    return value ? [{ name: name.meaning, value: value.meaning }] : [];
  });

/** How the unit `1` is said; some say pixels by it. */
const NO_UNIT = /^(1|no units?|unity)$/i;
/** Measured, and without a result (PS3.3 C.18.1). */
const NO_VALUE = '–';

function numberOf(item: DicomJson, name: string): readonly Measurement[] {
  const measured = items(item, 'MeasuredValueSequence')[0];
  const value = measured && (number(measured, 'FloatingPointValue') ?? number(measured, 'NumericValue'));
  if (!measured || value === undefined)
    return [{ name, value: codeOf(item, 'NumericValueQualifierCodeSequence')?.meaning ?? NO_VALUE }];
  const unit = codeOf(measured, 'MeasurementUnitsCodeSequence');
  const how = childrenOf(item)
    .filter((child) => text(child, 'RelationshipType') === 'HAS CONCEPT MOD')
    .flatMap((child) => codeOf(child, 'ConceptCodeSequence')?.meaning ?? []);
  return [
    {
      name: how.length > 0 ? `${name} (${how.join(', ')})` : name,
      value,
      ...(unit && !NO_UNIT.test(unit.meaning) ? { unit: unit.meaning } : {}),
    },
  ];
}

/** Who made another's report: its algorithm, its device, a person, or the maker of the equipment. */
export function readMaker(document: DicomJson, groups: readonly DicomJson[]): ModelFacts {
  const said = (name: (typeof OBSERVER)[keyof typeof OBSERVER]) =>
    findAll(document, name).flatMap((item) => text(item, 'TextValue') ?? person(item, 'PersonName') ?? [])[0];
  const algorithm = groups.find((group) => textUnder(group, CODES.algorithmName) !== undefined);
  const name =
    (algorithm && textUnder(algorithm, CODES.algorithmName)) ??
    said(OBSERVER.model) ??
    said(OBSERVER.device) ??
    said(OBSERVER.person) ??
    text(document, 'ManufacturerModelName') ??
    text(document, 'Manufacturer') ??
    '';
  const manufacturer = said(OBSERVER.manufacturer) ?? text(document, 'Manufacturer');
  return {
    name,
    version: (algorithm && textUnder(algorithm, CODES.algorithmVersion)) ?? '',
    ...(manufacturer ? { manufacturer } : {}),
  };
}
