import type { Finding } from '../../server/contracts.ts';
import { colouring, isBelowThreshold } from '../../server/encode/colouring.ts';
import type { ExplanationMap } from '../../server/explanation.ts';
import { brainCase, chestCase } from './fixtures.ts';

const [seen] = chestCase().prediction.findings as [Finding & { kind: 'classification' }];
const scored = (score: number): Finding => ({ ...seen, score, threshold: 0.5, positive: score >= 0.5 });
const map = (over: Partial<ExplanationMap> = {}): ExplanationMap => ({
  ...(chestCase().explanation.maps[0] as ExplanationMap),
  shape: [1, 1, 4],
  data: Float32Array.of(0, 1, 2, 4),
  range: [0, 4],
  ...over,
});
const AGAINST = { data: Float32Array.of(-8, 1, 2, 4), range: [-8, 4] } as const;

test.each<[what: string, over: Partial<ExplanationMap>, findings: readonly Finding[], shareOf4: number]>([
  ['found: up to the strongest', {}, [scored(0.6)], 1],
  ['found, and more speaks against: the same', AGAINST, [scored(0.6)], 1],
  ['not found: dimmed by the score over its threshold', {}, [scored(0.25)], 0.5],
  ['not found, hardly scored: never below a fifth', {}, [scored(0.01)], 0.2],
  ['not found, and more speaks against: on one scale with it', AGAINST, [scored(0.25)], 0.5],
  ['not found, and less speaks against: the same scale', { data: Float32Array.of(-1, 4) }, [scored(0.25)], 1],
  ['not found, padding is not against', { ...AGAINST, padding: -8, range: [0, 4] }, [scored(0.4)], 0.8],
  ['of the second finding, which is not there', { finding: 1 }, [scored(0.6), scored(0.25)], 0.5],
  ['of the first finding, which is there', { finding: 0 }, [scored(0.6), scored(0.25)], 1],
  ['of both findings, one is there', {}, [scored(0.6), scored(0.25)], 1],
  ['of both findings, the nearer to its threshold counts', {}, [scored(0.25), scored(0.4)], 0.8],
])('%s', (_, over, findings, share) => {
  expect(colouring(map(over), findings)(4)).toBeCloseTo(share, 12);
});

test.each([
  ['the floor', { range: [1, 4] as const }, 1],
  ['below it', { range: [1, 4] as const }, 0.5],
  ['padding', { padding: 5 }, 5],
  ['a map without a range', { range: [0, 0] as const }, 4],
])('%s is not coloured', (_, over, value) => {
  expect(colouring(map(over), [scored(0.6)])(value)).toBe(0);
});

test.each<[what: string, findings: readonly Finding[], isBelow: boolean]>([
  ['a score below its threshold', [scored(0.25)], true],
  ['a score above it', [scored(0.6)], false],
  ['one of two', [scored(0.25), scored(0.6)], false],
  ['a structure that is not there has no threshold', brainCase({ empty: true }).prediction.findings, false],
  ['nothing', [], false],
])('%s', (_, findings, isBelow) => {
  expect(isBelowThreshold(map(), findings)).toBe(isBelow);
});
