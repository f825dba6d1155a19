import type { Volume } from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import { type Dataset, functionalGroup, items, number, type Part10, text } from '../dicom/read.ts';
import { plainWord } from '../shared/plain-word.ts';
import { suvFactor } from './suv.ts';

/** What the values of a series are, times `factor`. */
export interface Meaning {
  readonly unit: Volume['unit'];
  readonly factor: number;
  /** Of PET: how the unit came about, or why it is not SUV. */
  readonly note?: string;
}

/**
 * What the values are after the modality LUT (PS3.3 C.11.1.1.2, C.8.9.1.1.3): Hounsfield units of CT, SUVbw of PET where all
 * images give one factor, else Bq/ml. The unit is null when the images do not say: never guessed.
 */
export function meaningOf(instances: readonly Part10[]): Meaning {
  const [{ dataset }] = instances as [Part10];
  if (text(dataset, 'Modality') === 'PT') return petMeaning(instances.map((i) => i.dataset));
  const transformation = functionalGroup(dataset, 0, 'PixelValueTransformationSequence');
  const table = items(dataset, 'ModalityLUTSequence')[0];
  const type = table ? text(table, 'ModalityLUTType') : text(transformation ?? dataset, 'RescaleType');
  // A plain CT need not say it; a localizer or a derived image may be something else.
  const isPlainCt = text(dataset, 'Modality') === 'CT' && type === undefined && !table;
  return { unit: type === 'HU' || isPlainCt ? UNITS.hu : null, factor: 1 };
}

function petMeaning(images: readonly Dataset[]): Meaning {
  const scales = images.map(scalesOf);
  const suv = common(scales.map((s) => s.suv));
  if (suv !== undefined)
    return { unit: UNITS.suvbw, factor: suv, note: `SUVbw ${scales[0]?.why} (times ${suv.toPrecision(6)})` };
  const why = scales.find((s) => s.suv === undefined)?.why ?? 'the images give different factors to SUV';
  const activity = common(scales.map((s) => s.activity));
  return activity === undefined
    ? { unit: null, factor: 1, note: `arbitrary: ${why}` }
    : { unit: UNITS.bqml, factor: activity, note: `Bq/ml: ${why}` };
}

/** All images must agree to this share: they are of one patient, one dose and one scan. */
const TOLERANCE = 1e-3;

/** The factor that all images give; undefined when one gives none or another. */
function common(factors: readonly (number | undefined)[]): number | undefined {
  const [first] = factors;
  const isCommon = factors.every((f) => f && first && Math.abs(f / first - 1) <= TOLERANCE);
  return isCommon ? first : undefined;
}

/** What a stored value is in SUVbw and in Bq/ml, where that is known; and how, or why there is no SUV. */
interface Scales {
  readonly suv?: number;
  readonly activity?: number;
  readonly why: string;
}

function scalesOf(dataset: Dataset): Scales {
  const units = text(dataset, 'Units');
  // SUVType is absent for body weight (PS3.3 C.8.9.1).
  const suvType = text(dataset, 'SUVType') ?? 'BW';
  if (units === 'GML')
    return suvType === 'BW' ? { suv: 1, why: 'as stored' } : { why: `SUVType is ${plainWord(suvType)}` };
  const philips = units === 'CNTS' ? positive(dataset, '7053,"Philips PET Private Group",00') : undefined;
  if (philips) return { suv: philips, why: 'by the scale factor of Philips' };
  const activity =
    units === 'BQML' ? 1 : units === 'CNTS' && positive(dataset, '7053,"Philips PET Private Group",09');
  if (!activity) return { why: `Units is ${plainWord(units ?? 'missing')}` };
  const factor = suvFactor(dataset);
  return typeof factor === 'string'
    ? { activity, why: factor }
    : { suv: activity * factor, activity, why: 'by weight, dose and decay' };
}

function positive(dataset: Dataset, keyword: string): number | undefined {
  const value = number(dataset, keyword);
  return value !== undefined && value > 0 ? value : undefined;
}
