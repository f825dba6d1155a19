import { renderToStaticMarkup } from 'react-dom/server';
import { Checks } from '../../ohif-extension/src/components/checks.tsx';
import { apart } from '../../ohif-extension/src/components/corrected.tsx';
import { ElementCard } from '../../ohif-extension/src/components/element-card.tsx';
import { FindingList } from '../../ohif-extension/src/components/finding-list.tsx';
import { FindingSummary } from '../../ohif-extension/src/components/finding-summary.tsx';
import { GoToKeyImage } from '../../ohif-extension/src/components/go-to-key-image.tsx';
import { ModelFacts } from '../../ohif-extension/src/components/model-facts.tsx';
import { NearestCases } from '../../ohif-extension/src/components/nearest-cases.tsx';
import { ScoreBar } from '../../ohif-extension/src/components/score-bar.tsx';
import { Trust } from '../../ohif-extension/src/components/trust.tsx';
import { WithoutReport } from '../../ohif-extension/src/components/without-report.tsx';
import type { Hiding } from '../../ohif-extension/src/hooks/use-hiding.ts';
import { measurement, moment, quantity, tick, volume } from '../../ohif-extension/src/lib/format.ts';
import { nearestOf } from '../../ohif-extension/src/lib/nearest.ts';
import { inOrder } from '../../ohif-extension/src/lib/order.ts';
import type { DeletionCurve, Finding } from '../../ohif-extension/src/lib/result.ts';
import { FINDING } from '../helpers/finding.ts';

test('a score says its place to those who cannot see the bar, and is grey below the threshold', () => {
  const above = renderToStaticMarkup(<ScoreBar score={{ value: 0.87, threshold: 0.5, calibrated: true }} />);
  expect(above).toContain('aria-label="Score 0.87 on a scale from 0 to 1; threshold 0.50; above"');
  expect(above).not.toContain('fill below');
  const below = renderToStaticMarkup(<ScoreBar score={{ value: 0.1, threshold: 0.5, calibrated: true }} />);
  expect(below).toContain('class="fill below"');
  expect(renderToStaticMarkup(<ScoreBar score={{ value: 0.1, calibrated: true }} />)).not.toContain('notch');
});

test('masks without a report: what their header says, in words, and a button only where the viewer can show them', () => {
  const masks = {
    SOPInstanceUID: '1.2',
    kind: 'masks',
    name: 'Liver Segmentation',
    holds: ['Liver', 'Spleen'],
    images: [],
    algorithms: [
      { name: 'SlicerEditor', type: 'SEMIAUTOMATIC' },
      { name: '', type: 'MANUAL' },
    ],
    maker: 'QIICR',
    createdAt: '2026-11-24T10:11:12',
  } as const;
  const html = (canShow: boolean, found: readonly (typeof masks)[] = [masks]) =>
    renderToStaticMarkup(
      <WithoutReport
        found={found}
        now="2026-11-25T00:00:00"
        wayTo={() => undefined}
        layerOf={(uid) => (canShow && uid === '1.2' ? () => undefined : undefined)}
      />,
    );
  expect(html(false)).toContain('<strong>Liver Segmentation</strong><span>Masks: Liver, Spleen</span>');
  expect(html(false)).toContain(
    'QIICR · SlicerEditor (semi-automatic) · drawn by hand · 24 Nov 2026 10:11</span></li>',
  );
  expect(html(true)).toContain('<button');
  expect(html(true, [])).toBe('');
});

test('an uncalibrated score is called so', () => {
  const html = renderToStaticMarkup(
    <FindingSummary finding={{ ...FINDING, score: { value: 0.87, calibrated: false } }} isDoubtful={false} />,
  );
  expect(html).toContain('0.87<small>uncalibrated</small>');
});

test('a place in 3D is said not to be drawn; of any other nothing is said', () => {
  const html = (finding: Finding) =>
    renderToStaticMarkup(<FindingSummary finding={finding} isDoubtful={false} />);
  const words = 'Its place is given in 3D and is not drawn here.';
  expect(html({ ...FINDING, isPlacedIn3D: true })).toContain(words);
  expect(html(FINDING)).not.toContain(words);
});

test('of what another maker measured the first number stands large, whatever is said before it', () => {
  const measurements = [
    { name: 'Measurement Method', value: 'SUV body weight' },
    { name: 'SUVbw (Mean)', value: 6.01529, unit: 'SUVbw' },
  ];
  const html = renderToStaticMarkup(
    <FindingSummary finding={{ ...FINDING, measurements }} isDoubtful={false} />,
  );
  expect(html).toContain('6.015 SUVbw<small>SUVbw (Mean)</small>');
  const [method] = measurements;
  expect(
    renderToStaticMarkup(
      <FindingSummary finding={{ ...FINDING, measurements: method ? [method] : [] }} isDoubtful={false} />,
    ),
  ).toContain('SUV body weight<small>Measurement Method</small>');
});

test.each([
  [0.004, 'probability &lt; 1 %'],
  [0.83, 'probability 83 %'],
  [0.998, 'probability &gt; 99 %'],
])('a probability of %s is said as %s, never as certainty', (probability, words) => {
  const score = { value: 0.87, calibrated: false, probability };
  const said = (isDoubtful: boolean) =>
    renderToStaticMarkup(<FindingSummary finding={{ ...FINDING, score }} isDoubtful={isDoubtful} />);
  expect(said(false)).toContain(words);
  expect(said(true)).not.toContain('probability');
});

test.each([
  [{ name: 'localization', state: 'given', sentence: 'It is there.', method: 'by hand' }, 'Method: by hand'],
  [
    { name: 'actionability', state: 'absent', reason: 'this model names no next step' },
    'Absent because this model names no next step.',
  ],
  [{ name: 'actionability', state: 'absent' }, 'The report does not say.'],
] as const)('an element is given, or says why not', (element, words) => {
  expect(renderToStaticMarkup(<ElementCard element={element} />)).toContain(words);
});

const GREYS = { name: 'Greys of the picture', state: 'passed', sentence: 'As bright.' } as const;
const UNLIKE = {
  name: 'Likeness as the model sees it',
  state: 'absent',
  sentence: 'Nothing is kept.',
} as const;
const NO_EVIDENCE = {
  name: 'Agreement of two methods',
  state: 'absent',
  sentence: 'There is no evidence.',
} as const;
const TURNS = { name: 'Stability of the decision', state: 'remark', sentence: 'It turns.' } as const;

test.each([
  [[GREYS], '1 passed', 'Nothing that was checked speaks against using this result.<'],
  [[GREYS, NO_EVIDENCE], '1 passed, 1 not made', 'speaks against using this result.<'],
  [
    [GREYS, TURNS, UNLIKE],
    '1 passed, 1 with a remark, 1 not made',
    'using this result. Could not be checked: Likeness as the model sees it.<',
  ],
  [[UNLIKE], 'not checked', 'not checked'],
  [[GREYS, { ...UNLIKE, state: 'failed' }], '1 of 2 failed', 'Nothing is kept.'],
] as const)(
  'checks are counted by how they came out, and a ground that is missing is named',
  (checks, key, sentence) => {
    const html = renderToStaticMarkup(<Checks checks={checks} />);
    expect(html).toContain(`<span class="key">${key}</span>`);
    expect(html).toContain(sentence);
  },
);

test('the model’s facts say for which decision, and who needs the explanation why', () => {
  const html = renderToStaticMarkup(
    <ModelFacts
      model={{ name: 'M', version: '1', answers: { decision: 'Whether to look again.', why: 'To discard.' } }}
      parameters={[]}
    />,
  );
  expect(html).toContain('<dt>Decision it serves</dt><dd>Whether to look again.</dd>');
  expect(html).toContain('<dt>Why an explanation is needed</dt><dd>To discard.</dd>');
  expect(html).not.toContain('Who uses the answer');
});

test.each([
  ['Accepted on 2026-11-24: all 3 checks passed.', 'Accepted on 2026-11-24: all 3 checks passed.'],
  [undefined, 'The report does not say.'],
])('how the model was accepted: %s', (acceptance, shown) => {
  const html = renderToStaticMarkup(
    <ModelFacts model={{ name: 'M', version: '1', ...(acceptance ? { acceptance } : {}) }} parameters={[]} />,
  );
  expect(html).toContain(`<dt>Acceptance</dt><dd>${shown}</dd>`);
});

test.each<[string, string | null, string | undefined, boolean]>([
  ['with their pictures where the server is', '', 'chest', true],
  ['without, where there is none', null, 'chest', false],
  ['without, where the report does not say by which package', '', undefined, false],
])(
  'known images that are like this one: what each was and how near it is; %s',
  (_, server, id, isPictured) => {
    const measures = [
      { name: 'Deletion area', sentence: 'Mean score.', value: 0.5 },
      { name: 'Distance to known image case-004', sentence: 'Normal', value: 0.61 },
      { name: 'Distance to known image case-002', sentence: 'Viral pneumonia', value: 0.75 },
    ];
    const html = renderToStaticMarkup(
      <NearestCases
        cases={nearestOf(measures)}
        model={{ name: 'M', version: '2.0.1', ...(id ? { id } : {}) }}
        server={server}
      />,
    );
    expect(html.match(/<tr>.*?<\/tr>/g)?.slice(1)).toEqual([
      expect.stringMatching(/Normal.*\(case-004\).*0\.61/),
      expect.stringMatching(/Viral pneumonia.*\(case-002\).*0\.75/),
    ]);
    expect(html.includes('src="/api/models/chest/2.0.1/cases/case-004.png"')).toBe(isPictured);
    expect(html.includes('<img')).toBe(isPictured);
  },
);

test('a structure that was not found has no volume', () => {
  const findings = [
    { ...FINDING, label: 'Thalami', trackingUID: '1', present: true, volumeMl: 12.34 },
    { ...FINDING, label: 'Pallida', trackingUID: '2', present: false, volumeMl: 0 },
  ];
  const html = renderToStaticMarkup(
    <FindingList
      findings={findings}
      order={[0, 1]}
      selected={0}
      onSelect={() => undefined}
      colours={new Map()}
    />,
  );
  expect(html).toContain('>12.3<');
  expect(html).toContain('>none<');
});

test('numbers keep three digits and their unit', () => {
  expect([0.4217, 3.117, 40.28, 1280].map(volume)).toEqual(['0.42', '3.12', '40.3', '1280']);
  expect([0.96, 1.25e-6, -1.25e-6, 0, 19, -0.089].map((value) => quantity(value))).toEqual([
    '0.96',
    '< 0.001',
    '> −0.001',
    '0',
    '19',
    '−0.09',
  ]);
  expect(quantity(12.34, 'ml')).toBe('12.3 ml');
  expect([tick(-1.7e-14, 16.8), tick(-4.21, 16.8), tick(0.25, 1)]).toEqual(['0', '−4.2', '0.25']);
});

test('a time is today, or has its date', () => {
  expect(moment('2026-11-25T14:02:00', '2026-11-25T15:00:00')).toBe('today 14:02');
  expect(moment('2026-03-02T14:02:00', '2026-11-25T15:00:00')).toBe('2 Mar 2026 14:02');
  expect(moment('', '2026-11-25T15:00:00')).toBe('');
});

test.each([
  [573.2, 600, '573', '600'],
  [573.21, 573.17, '573.21', '573.17'],
  [638.4, 637.9, '638.4', '637.9'],
  [30.7, 30.8, '30.7', '30.8'],
  [2.5001, 2.5002, '2.500', '2.500'],
])('a correction from %s to %s ml shows its change', (now, was, shownNow, shownWas) => {
  expect(apart(now, was)).toEqual([shownNow, shownWas]);
});

test('many findings are folded; the one that is selected is always among those that are shown', () => {
  const findings = Array.from({ length: 40 }, (_, i) => ({
    ...FINDING,
    label: `S${i}`,
    trackingUID: `${i}`,
  }));
  const rows = (selected: number): string =>
    renderToStaticMarkup(
      <FindingList
        findings={findings}
        order={inOrder(findings)}
        selected={selected}
        onSelect={() => undefined}
        colours={new Map()}
      />,
    );
  expect(rows(0)).toContain('34 more');
  expect(rows(0)).not.toContain('S6<');
  expect(rows(9)).toContain('S9<');
  expect(rows(9)).not.toContain('S5<');
});

test('findings with scores are listed from the strongest down, those above their own threshold first', () => {
  const scored = [
    { value: 0.6, threshold: 0.9, calibrated: false },
    { value: 0.2, threshold: 0.1, calibrated: false },
    { value: 0.95, threshold: 0.5, calibrated: false },
  ].map((score) => ({ ...FINDING, score }));
  expect(inOrder(scored)).toEqual([2, 1, 0]);
  expect(inOrder([FINDING, ...scored])).toEqual([0, 1, 2, 3]);
});

test('what another maker measured keeps its value and unit', () => {
  expect(
    [
      { name: 'Area', value: 1.7, unit: 'square centimeter' },
      { name: 'SUVbw', value: 6.01529, unit: 'Standardized Uptake Value body weight' },
      { name: 'Diameter', value: 10, unit: 'mm' },
      { name: 'Normality', value: 'Normal' },
      { name: 'Mean', value: -119.123, unit: 'hounsfield unit' },
    ].map(measurement),
  ).toEqual(['1.7 cm²', '6.015 SUVbw', '10 mm', 'Normal', '−119.1 HU']);
});

test('the deletion curve says what the first step does, beside a random order, and draws both', () => {
  const curve = { strongestFirst: [0.91, 0.34, 0.2], randomOrder: [0.91, 0.88, 0.2], hidden: 'blurred' };
  const trust = (deletion: DeletionCurve | undefined, over: Partial<Hiding> = {}) => {
    const hiding: Hiding = {
      step: 0,
      hide: () => undefined,
      cover: undefined,
      where: 'image',
      tell: () => undefined,
      ...over,
    };
    return renderToStaticMarkup(<Trust measures={[]} deletion={deletion} hiding={hiding} />);
  };
  const html = trust(curve);
  expect(html).toContain(
    'With the strongest 50 % of the image blurred, the score is 0.34 instead of 0.91; with a random 50 % it is 0.88.',
  );
  expect(html).toContain('d="M0.0 12.5L103.0 53.5L206.0 63.6"');
  // Both curves end at 0.2: their names are kept apart.
  const heights = [...html.matchAll(/style="top:([\d.]+)%"/g)].map(([, y]) => Number(y));
  expect(heights).toHaveLength(2);
  expect(Math.abs((heights[0] ?? 0) - (heights[1] ?? 0))).toBeGreaterThan(15);
  expect(trust(undefined)).toBe('');
  // Nothing is hidden, and so nothing said of the image.
  expect(html).toContain('aria-valuetext="0 % hidden, score 0.91"');
  expect(html).toContain('<p role="status"></p>');
  expect(html).not.toContain('Show all again');
  const hidden = trust(curve, { step: 1, cover: { from: 0.5, words: '' } });
  expect(hidden).toContain('aria-valuetext="50 % hidden, score 0.34"');
  expect(hidden).toContain('Grey on the image: what is hidden.');
  expect(hidden).toContain('Show all again');
  expect(trust(curve, { step: 1, cover: { from: 0.5, words: '' }, where: 'other' })).toContain(
    'Nothing is covered here',
  );
  // The report does not say which places these are.
  expect(trust(curve, { step: 1 })).toContain('the report does not say which places these are');
});

test('key images that the viewer does not have are counted, and those it has are gone to', () => {
  const images = [{ SOPInstanceUID: '1.1' }, { SOPInstanceUID: '1.2' }];
  const html = (here: readonly string[], of = images) =>
    renderToStaticMarkup(
      <GoToKeyImage
        images={of}
        wayTo={({ SOPInstanceUID }) => (here.includes(SOPInstanceUID) ? () => undefined : undefined)}
      />,
    );
  expect(html(['1.2'])).toBe(
    '<span class="pel-t2">1 of 2 not open here.</span><button type="button" class="pel-btn">Go to the key image</button>',
  );
  expect(html([], images.slice(0, 1))).toBe('<span class="pel-t2">It is not open here.</span>');
  expect(html(['1.1', '1.2'])).not.toContain('not open');
  expect(html([], [])).toBe('');
});

test('a number keeps all its digits before the point, and a unit its case', () => {
  expect(measurement({ name: '', value: 12345.67, unit: 'mm3' })).toBe('12346 mm³');
  expect(measurement({ name: '', value: -1023.4 })).toBe('−1023');
  expect(measurement({ name: '', value: 5, unit: 'A' })).toBe('5 A');
  expect(measurement({ name: '', value: 5, unit: 'a' })).toBe('5 y');
});
