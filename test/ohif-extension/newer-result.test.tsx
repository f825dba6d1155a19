import { useState } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { useOverlaySettings } from '../../ohif-extension/src/hooks/use-overlay-settings.ts';
import { choice, indexOf } from '../../ohif-extension/src/lib/chosen.ts';
import type { Result } from '../../ohif-extension/src/lib/result.ts';

const report = (SOPInstanceUID: string, ...trackingUIDs: readonly string[]): Result => ({
  StudyInstanceUID: '1',
  SeriesInstanceUID: '1.1',
  SOPInstanceUID,
  origin: 'explained',
  createdAt: '',
  verified: false,
  model: { name: 'M', version: '1' },
  findings: trackingUIDs.map((trackingUID) => ({
    label: trackingUID,
    trackingUID,
    sentence: '',
    regions: [],
    explanations: [],
    elements: [],
    measures: [],
    checks: [],
    measurements: [],
    parameters: [],
  })),
});
const BEFORE = report('1.1.1', 'A', 'B', 'C');

test.each([
  ['the same report', BEFORE, 1],
  ['another order', report('1.1.2', 'C', 'A', 'B'), 2],
  ['a report without it: the first that is listed', report('1.1.2', 'A', 'C', 'D'), 2],
])('the finding that was chosen stays so in %s', (_, result, index) => {
  expect(indexOf(choice(BEFORE, 1), result, [2, 0, 1])).toBe(index);
});

test('findings without a tracking UID are chosen by their place, in one report alone', () => {
  const nameless = report('1.1.1', '', '', '');
  expect(indexOf(choice(nameless, 2), nameless, [0, 1, 2])).toBe(2);
  expect(indexOf(choice(nameless, 2), report('1.1.2', '', '', ''), [1, 0, 2])).toBe(1);
  expect(indexOf(undefined, nameless, [1, 0, 2])).toBe(1);
});

test('of a newer result is shown at first what is shown of a new one, in the reader’s way', () => {
  const seen: unknown[] = [];
  /** Its reader changes all, then the report does. */
  const Panel = () => {
    const [step, setStep] = useState(0);
    const isFound = step === 2;
    const [{ map, regions, form }, change] = useOverlaySettings(isFound ? '1.1.2' : '1.1.1', {
      map: isFound,
      regions: isFound,
    });
    seen[step] = { map, regions, form };
    if (step === 0) change({ regions: true, form: 'outline' });
    if (step < 2) setStep(step + 1);
    return null;
  };
  renderToStaticMarkup(<Panel />);
  expect(seen).toEqual([
    { map: false, regions: false, form: 'colours' },
    { map: false, regions: true, form: 'outline' },
    { map: true, regions: true, form: 'outline' },
  ]);
});
