import { catalogueFor } from '../ohif-extension/src/lib/language.ts';
import { DE } from '../ohif-extension/src/strings/de.ts';
import { EN } from '../ohif-extension/src/strings/en.ts';
import { FR } from '../ohif-extension/src/strings/fr.ts';
import { DE as CONSOLE_DE } from '../review-console/src/strings/de.ts';
import { EN as CONSOLE_EN } from '../review-console/src/strings/en.ts';
import { FR as CONSOLE_FR } from '../review-console/src/strings/fr.ts';

/** Arguments that can be told apart, by the end of a path; else four words. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  '/deletion/sentence': ['«0»', '«1»', ['«2»', '«3»', '«4»']],
};

/** Each word by its path; of a function, what it makes of its arguments. */
function wordsOf(catalogue: unknown, path = ''): readonly (readonly [path: string, words: string])[] {
  if (typeof catalogue === 'string') return [[path, catalogue]];
  if (typeof catalogue === 'function')
    return wordsOf(
      Reflect.apply(catalogue, undefined, ARGUMENTS[path] ?? ['«0»', '«1»', '«2»', '«3»']),
      path,
    );
  return Object.entries(catalogue as object).flatMap(([key, value]) => wordsOf(value, `${path}/${key}`));
}
const given = (words: string): readonly string[] => [...new Set(words.match(/«\d»/g))].sort();

describe.each([
  ['of the panel in German', DE, EN, 8],
  ['of the panel in French', FR, EN, 8],
  ['of the review console in German', CONSOLE_DE, CONSOLE_EN, 20],
  ['of the review console in French', CONSOLE_FR, CONSOLE_EN, 20],
] as const)('the words %s', (_, catalogue, english, fewerThan) => {
  test('say all that English says, with all that is put into it', () => {
    const [theirs, ours] = [wordsOf(catalogue), wordsOf(english)];
    expect(theirs.map(([path]) => path)).toEqual(ours.map(([path]) => path));
    expect(theirs.map(([path, words]) => [path, given(words)])).toEqual(
      ours.map(([path, words]) => [path, given(words)]),
    );
  });

  test('are translated: few are the same', () => {
    const inEnglish = new Map(wordsOf(english));
    const same = wordsOf(catalogue).filter(
      ([path, words]) => inEnglish.get(path) === words && /\p{L}{5}/u.test(words.replaceAll(/«\d»/g, '')),
    );
    expect(same.length).toBeLessThan(fewerThan);
  });
});

test.each([
  ['de', 'German'],
  ['de-CH', 'German'],
  ['FR', 'French'],
  ['en-GB', 'English'],
  ['pt', 'English'],
  [null, 'English'],
  [undefined, 'English'],
])('the language %s', (tag, language) => {
  expect(catalogueFor({ en: 'English', de: 'German', fr: 'French' }, tag)).toBe(language);
});
