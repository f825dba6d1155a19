import { renderToStaticMarkup } from 'react-dom/server';
import { ElementCard } from '../../ohif-extension/src/components/element-card.tsx';
import { ReportLanguage } from '../../ohif-extension/src/components/said.tsx';
import { catalogueFor } from '../../ohif-extension/src/lib/language.ts';
import { DE } from '../../ohif-extension/src/strings/de.ts';
import { EN } from '../../ohif-extension/src/strings/en.ts';
import { FR } from '../../ohif-extension/src/strings/fr.ts';
import { HIDDEN } from '../../server/explain/classification-words.ts';

test.each([
  ['English', EN],
  ['German', DE],
  ['French', FR],
])('what a report says of how the image was hidden has its word in %s', (_, words) => {
  expect(Object.keys(words.deletion.ways).toSorted()).toEqual(Object.values(HIDDEN).toSorted());
});

test('a report’s sentence is marked with the report’s language, which is not the reader’s (WCAG 3.1.2)', () => {
  const card = (
    <ElementCard
      element={{ name: 'physicalAttribution', state: 'given', sentence: 'It is small. It grows.' }}
    />
  );
  const html = renderToStaticMarkup(<ReportLanguage.Provider value="en">{card}</ReportLanguage.Provider>);
  expect(html).toContain('<span lang="en">It is small.</span>');
  expect(html).toContain('<span class="rest" lang="en"> It grows.</span>');
  expect(renderToStaticMarkup(card)).not.toContain('lang=');
});

test('in French no sign of punctuation begins a line', () => {
  const { live, elements, keys } = catalogueFor({ en: EN, de: DE, fr: FR }, 'fr-CA');
  const said = [live.since('Calcul', 3), elements.visualRecognizability.title, ...keys.all.flat()];
  expect(said.filter((each) => / [:;?!%»]/.test(each))).toEqual([]);
  expect(elements.visualRecognizability.title).toBe('Le voyez-vous aussi\u00a0?');
  expect(keys.all.map(([key]) => key)).toEqual(FR.keys.all.map(([key]) => key));
});
