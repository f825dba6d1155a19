import { figuresFor } from '../../ohif-extension/src/lib/figures.ts';

// What a browser writes in that language is the witness.
test.each([['en-GB'], ['de-DE'], ['fr-FR']])('digits and dates as %s writes them', (tag) => {
  const { local, date } = figuresFor(tag);
  for (const value of [0.5, 2.75, 119.1])
    expect(local(String(value))).toBe(value.toLocaleString(tag, { maximumFractionDigits: 2 }));
  const written = (day: number, month: string) =>
    new Date(`2025-05-${String(day).padStart(2, '0')}T12:00`)
      .toLocaleDateString(tag, { dateStyle: 'long' })
      .replace(/\p{L}{3,}/u, month);
  for (const day of [2, 13]) expect(date(day, 'May', 2025)).toBe(written(day, 'May'));
});

test('the first of a month is an ordinal in French alone', () => {
  expect(figuresFor('fr').date(1, 'mai', 2025)).toBe('1er mai 2025');
  expect(figuresFor('de').date(1, 'Mai', 2025)).toBe('1. Mai 2025');
});

test('another language has the figures of the words that it is shown in: English', () => {
  expect(figuresFor('es').local('0.5')).toBe('0.5');
});
