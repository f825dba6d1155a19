import type { Decision } from '../../server/route/route.ts';
import { othersWaitedFor, released } from '../../server/wiring/decide-study.ts';

const runs = (modelId: string, waitsFor?: string): Decision => ({
  modelId,
  run: true,
  why: 'it fits',
  priority: 'normal',
  ...(waitsFor === undefined ? {} : { waitsFor }),
});
const not = (modelId: string): Decision => ({ modelId, run: false, why: 'Modality is MG' });
const verdict = (run: boolean) => ({
  settled: true as const,
  series: new Map([['1.2.3', { run, why: run ? 'the study is complete' : 'another is thinner' }]]),
});
const of = (decisions: readonly Decision[], run: boolean) =>
  released(decisions, { rule: 'a', verdict: verdict(run), SeriesInstanceUID: '1.2.3' })?.map((d) => [
    d.modelId,
    d.run,
    d.why,
  ]);

test.each<[string, readonly Decision[], boolean, unknown]>([
  ['the rule takes it', [runs('m', 'a')], true, [['m', true, 'it fits; the study is complete']]],
  ['the rule leaves it', [runs('m', 'a')], false, [['m', false, 'it fits; another is thinner']]],
  [
    'a model that never read it says why',
    [runs('m', 'a'), not('n')],
    false,
    [
      ['m', false, 'it fits; another is thinner'],
      ['n', false, 'Modality is MG'],
    ],
  ],
  [
    'what waits for another rule waits on',
    [runs('m', 'a'), runs('n', 'b')],
    true,
    [['m', true, 'it fits; the study is complete']],
  ],
  ['and while it waits the series is not skipped', [runs('m', 'a'), runs('n', 'b')], false, undefined],
  [
    'what waits for nothing runs by its own reason',
    [runs('m', 'a'), runs('n')],
    false,
    [
      ['m', false, 'it fits; another is thinner'],
      ['n', true, 'it fits'],
    ],
  ],
])('held for a rule: %s', (_, decisions, run, expected) => {
  expect(of(decisions, run)).toEqual(expected);
});

test('a rule that is gone from the file keeps nobody waiting', () => {
  expect(released([runs('m')], { rule: 'a', verdict: undefined, SeriesInstanceUID: '1.2.3' })).toEqual([
    runs('m'),
  ]);
});

test('the rules that a series waits for beside one', () => {
  expect(othersWaitedFor([runs('m', 'a'), runs('n', 'b'), runs('o', 'b'), not('p')], 'a')).toEqual(['b']);
});
