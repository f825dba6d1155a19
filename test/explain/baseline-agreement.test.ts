import { baselineAgreement } from '../../server/explain/baseline-agreement.ts';

test('each pair of baselines is compared by rank (by hand)', () => {
  const maps = {
    blur: Float32Array.from([1, 2, 3, 4]),
    mirror: Float32Array.from([10, 20, 30, 400]),
    '0': Float32Array.from([4, 3, 2, 1]),
    flat: new Float32Array(4),
  };
  const found = new Map(baselineAgreement(maps).map((p) => [p.baselines.toSorted().join(), p.agreement]));
  expect(found.size).toBe(6);
  expect(found.get('blur,mirror')).toBeCloseTo(1, 9);
  expect(found.get('0,blur')).toBeCloseTo(-1, 9);
  expect(found.get('blur,flat')).toBeNull();
});

test('one baseline has nothing to agree with', () => {
  expect(baselineAgreement({ blur: new Float32Array(2) })).toEqual([]);
});
