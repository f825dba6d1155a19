import type { Dataset } from '../contracts.ts';
import { text } from '../dicom/read.ts';

/** Patient, study and dates as a person reads them; what is absent is left out. */

/** `Family, Given` of the alphabetic group; another group where there is none. */
export function nameOf(header: Dataset): string | undefined {
  const value: unknown = [header.PatientName].flat()[0];
  const group =
    typeof value === 'object' && value !== null
      ? (Reflect.get(value, 'Alphabetic') ?? Reflect.get(value, 'Ideographic'))
      : String(value ?? '')
          .split('=')
          .find((g) => g !== '');
  const [family, ...given] = String(group ?? '').split('^');
  return [family, given.filter(Boolean).join(' ')].filter(Boolean).join(', ') || undefined;
}

export const born = (header: Dataset): string | undefined => {
  const date = dateOf(text(header, 'PatientBirthDate'));
  return date && `born ${date}`;
};

/** DA as `24 Nov 2026`; what is no date is left out. */
export function dateOf(value: string | undefined): string | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(value ?? '') ?? [];
  const name = MONTHS[Number(month) - 1];
  return name && `${Number(day)} ${name} ${year}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
