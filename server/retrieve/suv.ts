import { type Dataset, items, number, text, texts } from '../dicom/read.ts';
import { plainWord } from '../shared/plain-word.ts';
import { type Moment, momentOf, momentOfDateTime, zoneOf } from './moment.ts';

/** Why there is no SUV, in plain words. */
type Reason = string;

/** A person, in kg; and an activity below this, in Bq, was written in another unit. */
const MAX_WEIGHT = 500;
const MIN_DOSE = 1e5;
/** After this many half-lives nothing can be seen: one of the times is wrong. */
const MAX_HALF_LIVES = 10;

/**
 * What one Bq/ml is in SUVbw, g/ml: weight over the dose that is left at the time that the image is decay-corrected to. By the rules of
 * QIBA's vendor-neutral pseudo-code (Kinahan et al., 2018) and PS3.3 C.8.9.1, or the reason why it is not known.
 */
export function suvFactor(dataset: Dataset): number | Reason {
  const corrections = texts(dataset, 'CorrectedImage');
  const missing = ['ATTN', 'DECY'].find((c) => !corrections.includes(c));
  if (missing) return `CorrectedImage does not name ${missing}`;
  const weight = number(dataset, 'PatientWeight');
  if (weight === undefined) return 'PatientWeight is missing';
  if (!(weight > 0 && weight <= MAX_WEIGHT)) return 'PatientWeight is no weight in kg';
  const drugs = items(dataset, 'RadiopharmaceuticalInformationSequence');
  if (drugs.length !== 1) return `${drugs.length} radiopharmaceuticals are named, not one`;
  const dose = doseAt(dataset, drugs[0] as Dataset);
  return typeof dose === 'string' ? dose : (1000 * weight) / dose;
}

/** The activity, Bq, that is left at the time to which the image is corrected. */
function doseAt(dataset: Dataset, drug: Dataset): number | Reason {
  const dose = number(drug, 'RadionuclideTotalDose');
  if (dose === undefined) return 'RadionuclideTotalDose is missing';
  if (!(dose >= MIN_DOSE)) return 'RadionuclideTotalDose is no dose in Bq';
  const correction = text(dataset, 'DecayCorrection');
  if (correction === 'ADMIN') return dose;
  if (correction !== 'START') return `DecayCorrection is ${plainWord(correction ?? 'missing')}`;
  const halfLife = number(drug, 'RadionuclideHalfLife');
  if (halfLife === undefined || !(halfLife > 0)) return 'RadionuclideHalfLife is missing or not positive';
  const scan = scanStart(dataset, halfLife);
  if (typeof scan === 'string') return scan;
  const elapsed = elapsedSince(dataset, drug, scan);
  if (typeof elapsed === 'string') return elapsed;
  if (elapsed > MAX_HALF_LIVES * halfLife)
    return 'the injection lies more than ten half-lives before the scan';
  return dose * 2 ** (-elapsed / halfLife);
}

/** When the scan began, by the clock of the images. */
function scanStart(dataset: Dataset, halfLife: number): Moment | Reason {
  const series = momentOf(text(dataset, 'SeriesDate'), text(dataset, 'SeriesTime'));
  const acquisition = momentOf(text(dataset, 'AcquisitionDate'), text(dataset, 'AcquisitionTime'));
  if (!series || !acquisition) return 'the date or time of series or acquisition is missing';
  if (series.seconds <= acquisition.seconds) return series;
  // The series was made afterwards: its time is not that of the scan.
  const written = momentOfDateTime(text(dataset, '0009,"GEMS_PETD_01",0d'));
  if (written && written.offset === undefined) return written;
  const reference = number(dataset, 'FrameReferenceTime');
  const duration = number(dataset, 'ActualFrameDuration');
  if (reference === undefined || duration === undefined || !(reference > 0) || !(duration > 0)) {
    return 'the series was made after the acquisition and does not say when the scan began';
  }
  const decay = (Math.LN2 / halfLife) * (duration / 1000);
  const average = (halfLife / Math.LN2) * Math.log(decay / (1 - Math.exp(-decay)));
  return { seconds: acquisition.seconds - reference / 1000 + average };
}

/** Seconds from injection to scan. */
function elapsedSince(dataset: Dataset, drug: Dataset, scan: Moment): number | Reason {
  const written = text(drug, 'RadiopharmaceuticalStartDateTime');
  if (written) {
    const start = momentOfDateTime(written);
    if (!start) return 'RadiopharmaceuticalStartDateTime is no date and time';
    const elapsed = between(start, scan, zoneOf(text(dataset, 'TimezoneOffsetFromUTC')));
    if (elapsed === undefined)
      return 'RadiopharmaceuticalStartDateTime names a time zone and the images do not';
    return elapsed >= 0 ? elapsed : 'the injection is said to come after the scan';
  }
  const start = momentOf('19700101', text(drug, 'RadiopharmaceuticalStartTime'));
  if (!start) return 'RadiopharmaceuticalStartTime is missing or no time';
  // A time of day: the last one before the scan, so also over midnight.
  const DAY = 86_400;
  return (((scan.seconds - start.seconds) % DAY) + DAY) % DAY;
}

function between(start: Moment, scan: Moment, zone: number | undefined): number | undefined {
  if (start.offset === undefined) return scan.seconds - start.seconds;
  return zone === undefined ? undefined : scan.seconds - zone - (start.seconds - start.offset);
}
