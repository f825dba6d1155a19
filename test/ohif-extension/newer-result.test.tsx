import { useState } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { useHiding } from '../../ohif-extension/src/hooks/use-hiding.ts';
import { useOverlaySettings } from '../../ohif-extension/src/hooks/use-overlay-settings.ts';
import { choice, indexOf } from '../../ohif-extension/src/lib/chosen.ts';
import type { Result } from '../../ohif-extension/src/lib/result.ts';
import { FINDING } from '../helpers/finding.ts';

const report = (SOPInstanceUID: string, ...trackingUIDs: readonly string[]): Result => ({
  StudyInstanceUID: '1',
  SeriesInstanceUID: '1.1',
  SOPInstanceUID,
  origin: 'explained',
  createdAt: '',
  verified: false,
  model: { name: 'M', version: '1' },
  findings: trackingUIDs.map((trackingUID) => ({ ...FINDING, label: trackingUID, trackingUID })),
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

test('what is hidden of one finding is not hidden of the next, nor when its reader comes back', () => {
  const scores = [0.9, 0.5, 0.2, 0];
  const curve = { strongestFirst: scores, randomOrder: scores, hidden: 'blurred', hiddenFrom: [3, null] };
  const seen: unknown[] = [];
  const Panel = () => {
    const [at, setAt] = useState(0);
    const { step, hide, cover } = useHiding(['A', 'A', 'B', 'A'][at] ?? '', curve);
    seen[at] = { step, cover };
    if (at === 0) hide(1);
    if (at < 3) setAt(at + 1);
    return null;
  };
  renderToStaticMarkup(<Panel />);
  const nothing = { step: 0, cover: undefined };
  const third = { step: 1, cover: { from: 3, words: 'Hidden: strongest 33 %' } };
  expect(seen).toEqual([nothing, third, nothing, nothing]);
});
