import { catalogueFor, languageTag } from './language.ts';

/** How numbers and dates are written where a language is read. */
interface Figures {
  /** Digits with a point, as the reader writes them. */
  readonly local: (digits: string) => string;
  readonly date: (day: number, month: string, year: number | string) => string;
  /** A unit of age. */
  readonly years: string;
}

const comma = (digits: string): string => digits.replace('.', ',');

const FIGURES = {
  en: {
    local: (digits: string) => digits,
    date: (day, month, year) => `${day} ${month} ${year}`,
    years: 'y',
  },
  de: { local: comma, date: (day, month, year) => `${day}. ${month} ${year}`, years: 'J.' },
  fr: {
    local: comma,
    date: (day, month, year) => `${day === 1 ? '1er' : day} ${month} ${year}`,
    years: 'ans',
  },
} as const satisfies Readonly<Record<string, Figures>>;

export const figuresFor = (tag: string | null | undefined): Figures => catalogueFor<Figures>(FIGURES, tag);

export const { local, date, years } = figuresFor(languageTag());

/** With so many decimals. */
export const fixed = (value: number, digits: number): string => local(value.toFixed(digits));
