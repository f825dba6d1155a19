import { DE } from '../../review-console/src/strings/de.ts';
import { EN } from '../../review-console/src/strings/en.ts';
import { FR } from '../../review-console/src/strings/fr.ts';
import { catalogueFor } from '../../review-console/src/strings.ts';

/** Each word by its path; of a function, what it makes of arguments that can be told apart. */
function wordsOf(catalogue: unknown, path = ''): readonly (readonly [path: string, words: string])[] {
  if (typeof catalogue === 'string') return [[path, catalogue]];
  if (typeof catalogue === 'function')
    return wordsOf(Reflect.apply(catalogue, undefined, ['«0»', '«1»', '«2»', '«3»']), path);
  return Object.entries(catalogue as object).flatMap(([key, value]) => wordsOf(value, `${path}/${key}`));
}
const given = (words: string): readonly string[] => [...new Set(words.match(/«\d»/g))].sort();

describe.each([
  ['German', DE],
  ['French', FR],
])('%s', (_, catalogue) => {
  test('says all that English says, with all that is put into it', () => {
    const [theirs, ours] = [wordsOf(catalogue), wordsOf(EN)];
    expect(theirs.map(([path]) => path)).toEqual(ours.map(([path]) => path));
    expect(theirs.map(([path, words]) => [path, given(words)])).toEqual(
      ours.map(([path, words]) => [path, given(words)]),
    );
  });

  test('is translated: few words are the same', () => {
    const english = new Map(wordsOf(EN));
    const same = wordsOf(catalogue).filter(
      ([path, words]) => english.get(path) === words && /\p{L}{5}/u.test(words.replaceAll(/«\d»/g, '')),
    );
    expect(same.map(([path]) => path).length).toBeLessThan(20);
  });
});

test.each([
  ['de-CH', DE],
  ['FR', FR],
  ['en-GB', EN],
  ['pt', EN],
  [undefined, EN],
])('the language %s', (tag, catalogue) => {
  expect(catalogueFor(tag)).toBe(catalogue);
});
