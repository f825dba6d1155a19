import { STRINGS } from '../strings.ts';
import { date, fixed, local, years } from './figures.ts';
import type { Measurement } from './result.ts';

/** Numbers and dates as a reader sees them. */

/** A score with two decimals. */
export const score = (value: number): string => fixed(value, 2);

/** Three significant digits, never an exponent: 0.42, 3.12, 40.3, 1280. */
export function volume(ml: number): string {
  if (ml >= 100) return fixed(ml, 0);
  return fixed(ml, ml >= 10 ? 1 : 2);
}

/** Never a certainty that was only rounded. */
export function probability(share: number): string {
  if (share < 0.01) return '< 1 %';
  return share > 0.99 ? '> 99 %' : percent(share);
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** A measure of any size with its UCUM unit, `1` is no unit: never an exponent, and a whole number without decimals. */
export function quantity(value: number, unit = '1'): string {
  const digits = Number.isInteger(value) ? String(value) : decimals(value);
  const shown = digits.replace('-', '−');
  return unit === '1' || unit === '' ? shown : `${shown} ${unit}`;
}

function decimals(value: number): string {
  const size = Math.abs(value);
  if (size < 0.001) return local(value < 0 ? '> −0.001' : '< 0.001');
  return fixed(value, size < 10 ? 2 : 1);
}

/** As the report has it: up to four significant digits, all before the point, and the unit as a sign where it is a usual one. */
export function measurement({ value, unit }: Measurement): string {
  if (typeof value === 'string') return value;
  const number = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
  const digits = local(String(number).replace('-', '−'));
  return unit === undefined || unit === '1' ? digits : `${digits} ${signOf(unit)}`;
}

/** Years alone are told from something else, amperes, by their case. */
const signOf = (unit: string): string => (unit === 'a' ? years : (SIGNS[unit.toLowerCase()] ?? unit));

/** Usual units in words (UCUM's names) or as codes, and as a reader writes them. */
const SIGNS: Readonly<Record<string, string>> = {
  millimeter: 'mm',
  centimeter: 'cm',
  'square millimeter': 'mm²',
  'square centimeter': 'cm²',
  'cubic millimeter': 'mm³',
  'cubic centimeter': 'cm³',
  milliliter: 'ml',
  'hounsfield unit': 'HU',
  percent: '%',
  mm2: 'mm²',
  mm3: 'mm³',
  cm2: 'cm²',
  cm3: 'cm³',
  "[hnsf'u]": 'HU',
  'standardized uptake value body weight': 'SUVbw',
};

/** A value on a scale of this span: as many decimals as tell its ticks apart. */
export function tick(value: number, span: number): string {
  const decimals = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(Math.abs(span) / 4 || 1))));
  const digits = value.toFixed(decimals);
  return Number(digits) === 0 ? '0' : local(digits.replace('-', '−'));
}

/** With its sign: `+0.57`, `−5`; `±0` where it rounds to nothing. */
export function signed(value: number, digits: number): string {
  const size = Math.abs(value).toFixed(digits);
  const sign = value < 0 ? '−' : '+';
  return `${Number(size) === 0 ? '±' : sign}${local(size)}`;
}

/** `3 May 2025`, `3. Mai 2025`. `written` is local: `2025-05-03T10:11:12`. */
export function day(written: string): string {
  const [year, month, on] = (written.split('T')[0] ?? '').split('-');
  if (!year || !month || !on) return '';
  return date(Number(on), STRINGS.months[Number(month) - 1] ?? month, year);
}

/** `today 14:02`, else `25 Nov 2026 14:02`. `written` and `now` are local: `2026-11-25T14:02:00`. */
export function moment(written: string, now: string): string {
  const [today = '', time = ''] = written.split('T');
  const on = day(written);
  if (on === '') return '';
  return `${now.startsWith(today) ? STRINGS.today : on} ${time.slice(0, 5)}`;
}
