import type { Dataset } from '../../contracts.ts';
import { text } from '../../dicom/read.ts';
import type { StudyCheck } from '../../explanation.ts';
import type { Checks } from '../../models/accepts.ts';
import { judged, notMade } from './judged.ts';

/** Is the patient, and the view, one that the model is for? Only what the package names is checked. */
export const checkPopulation = (
  header: Dataset,
  { PatientAge, ViewPosition }: Checks,
): readonly StudyCheck[] => [
  ...(PatientAge ? [age(header, PatientAge)] : []),
  ...(ViewPosition ? [view(header, ViewPosition.oneOf)] : []),
];

function age(header: Dataset, { from, to }: NonNullable<Checks['PatientAge']>): StudyCheck {
  const years = ageOf(header);
  const meant = `${from} to ${to} years`;
  if (years === undefined)
    return notMade('age', `The images do not say the patient’s age; the model is for ${meant}.`);
  // Whole years, as ages are said: who is 17 years and 11 months is 17.
  const isIn = Math.floor(years) >= from && Math.floor(years) <= to;
  return judged(
    'age',
    isIn,
    `The patient is ${isIn ? 'of' : 'not of'} an age that the model is for: ${meant}.`,
  );
}

/** Years: PatientAge (AS, PS3.5 §6.2), else from the dates of birth and study. */
export function ageOf(header: Dataset): number | undefined {
  const [, count, unit] = /^(\d{3})([DWMY])$/.exec(text(header, 'PatientAge') ?? '') ?? [];
  if (count && unit) return Number(count) / PER_YEAR[unit as keyof typeof PER_YEAR];
  const [born, studied] = [dayOf(text(header, 'PatientBirthDate')), dayOf(text(header, 'StudyDate'))];
  if (!born || !studied || studied < born) return undefined;
  const years = studied.getUTCFullYear() - born.getUTCFullYear();
  const birthday = Date.UTC(studied.getUTCFullYear(), born.getUTCMonth(), born.getUTCDate());
  return studied.getTime() >= birthday ? years : years - 1;
}

const PER_YEAR = { D: 365.25, W: 52.18, M: 12, Y: 1 } as const;

function dayOf(value: string | undefined): Date | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(value ?? '') ?? [];
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function view(header: Dataset, wanted: readonly string[]): StudyCheck {
  const position = text(header, 'ViewPosition');
  const meant = wanted.join(' or ');
  if (position === undefined)
    return notMade('view', `The image does not say its view; the model is for ${meant}.`);
  const isIn = wanted.includes(position);
  return judged('view', isIn, `The view is ${isIn ? '' : 'not '}one that the model is for: ${meant}.`);
}
