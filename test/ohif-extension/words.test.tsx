import { renderToStaticMarkup } from 'react-dom/server';
import { ElementCard } from '../../ohif-extension/src/components/element-card.tsx';
import { ReportLanguage } from '../../ohif-extension/src/components/said.tsx';
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
