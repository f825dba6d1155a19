import type { Volume } from './contracts.ts';
import { type Dataset, functionalGroup, number, text } from './dicom/read.ts';
import { ageOf } from './explain/checks/population.ts';

/**
 * What a result is broken down by when many are looked at: where and how the images were made, and coarse facts of the patient. No name,
 * number or date; the review of results keeps it beside the record.
 */
export interface CaseContext {
  readonly modality?: string;
  readonly bodyPart?: string;
  readonly view?: string;
  readonly manufacturer?: string;
  /** Model name of the device, with its station where it says one. */
  readonly scanner?: string;
  readonly site?: string;
  /** Whole years; 90 stands for 90 and above. */
  readonly ageYears?: number;
  readonly sex?: 'M' | 'F' | 'O';
  /** What the model was given, in numbers: `pixelSpacing` mm; `brightness` and `contrast`, mean and standard deviation of the values; exposure and timing as the header says them. */
  readonly inputs: Readonly<Record<string, number>>;
}

/** Older than this nobody is told apart. */
const OLDEST = 90;

/** From the header of the first image and the values of all. */
export function contextOf(volume: Volume): CaseContext {
  const { header } = volume;
  const age = ageOf(header);
  const [device, station] = [words(header, 'ManufacturerModelName'), words(header, 'StationName')];
  const sex = (['M', 'F', 'O'] as const).find((s) => s === text(header, 'PatientSex'));
  return {
    ...given('modality', words(header, 'Modality')),
    ...given('bodyPart', words(header, 'BodyPartExamined')),
    ...given('view', words(header, 'ViewPosition')),
    ...given('manufacturer', words(header, 'Manufacturer')),
    ...given('scanner', [device, station].filter(Boolean).join(' · ') || undefined),
    ...given('site', words(header, 'InstitutionName')),
    ...given('ageYears', age === undefined ? undefined : Math.min(OLDEST, Math.max(0, Math.floor(age)))),
    ...given('sex', sex),
    inputs: { ...spacingOf(volume), ...greysOf(volume), ...acquisitionOf(header) },
  };
}

/** Long enough for every LO; a name of a device is never longer. */
const words = (header: Dataset, keyword: string): string | undefined => text(header, keyword)?.slice(0, 64);

const spacingOf = ({ PixelSpacing }: Volume): Record<string, number> => {
  const spacing = Number(PixelSpacing?.[0]);
  return spacing > 0 ? { pixelSpacing: spacing } : {};
};

/** Of so many values the mean is known well enough; a large volume is read in even steps. */
const VALUES = 4_000_000;

/** Mean and standard deviation of the values that are image. */
function greysOf({ data, padding }: Volume): Record<string, number> {
  const step = Math.max(1, Math.ceil(data.length / VALUES));
  let [count, mean, squares] = [0, 0, 0];
  for (let i = 0; i < data.length; i += step) {
    const value = data[i] as number;
    if (value === padding || !Number.isFinite(value)) continue;
    count++;
    const off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
  }
  return count > 1 ? { brightness: rounded(mean), contrast: rounded(Math.sqrt(squares / count)) } : {};
}

/** How the images were made, where the header says so in its own or the shared functional groups of an enhanced image. */
function acquisitionOf(header: Dataset): Record<string, number> {
  const at = (keyword: string, group?: string): number | undefined =>
    number(header, keyword) ?? (group ? number(functionalGroup(header, 0, group) ?? {}, keyword) : undefined);
  return {
    ...given('kvp', at('KVP', 'CTXRayDetailsSequence')),
    ...given('exposureMas', at('Exposure')),
    ...given('sliceThickness', at('SliceThickness', 'PixelMeasuresSequence')),
    ...given('echoTime', at('EchoTime') ?? at('EffectiveEchoTime', 'MREchoSequence')),
    ...given('repetitionTime', at('RepetitionTime', 'MRTimingAndRelatedParametersSequence')),
    ...given('fieldStrength', at('MagneticFieldStrength')),
  };
}

/** Six digits are more than any drift needs. */
const rounded = (value: number): number => Number(value.toPrecision(6));

const given = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
