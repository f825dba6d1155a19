import type { Result } from '../../ohif-extension/src/lib/result.ts';
import { resultSets } from '../../ohif-extension/src/lib/result-sets.ts';

const result = (
  SOPInstanceUID: string,
  createdAt: string,
  trackingUID: string,
  version = '1.0.0',
): Result => ({
  SOPInstanceUID,
  SeriesInstanceUID: '1',
  StudyInstanceUID: '1',
  model: { name: 'A', version },
  createdAt,
  verified: false,
  findings: [
    {
      label: 'L',
      trackingUID,
      sentence: '',
      regions: [],
      explanations: [],
      elements: [],
      measures: [],
      parameters: [],
    },
  ],
});

test('of one model on one series the newest stands, and the others are superseded', () => {
  const old = result('1.1', '2026-11-24T10:00:00', 'x');
  const newer = result('1.2', '2026-11-25T09:00:00', 'x', '1.1.0');
  const other = result('1.3', '2026-11-23T09:00:00', 'y');
  expect(resultSets([old, other, newer])).toEqual([
    { newest: newer, superseded: [old] },
    { newest: other, superseded: [] },
  ]);
});

test('of the same second the order is still the same each time', () => {
  const [a, b] = [result('1.1', '2026-11-24T10:00:00', 'x'), result('1.2', '2026-11-24T10:00:00', 'x')];
  expect(resultSets([a, b])).toEqual(resultSets([b, a]));
});
