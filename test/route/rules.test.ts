import { readFileSync } from 'node:fs';
import { route } from '../../server/route/route.ts';
import { parseRules, rule } from '../../server/route/rules.ts';
import { linesOf } from '../../server/route/words.ts';

const CHEST = {
  Modality: ['DX'],
  BodyPartExamined: ['CHEST'],
  StudyDescription: ['Portable chest, bedside'],
  PatientAge: ['045Y'],
  PatientSex: ['F'],
  StudyDate: ['20261128'],
  ImageType: ['ORIGINAL', 'PRIMARY', ''],
  KVP: ['120.0'],
  SliceThickness: ['1.25'],
  NumberOfSeriesRelatedInstances: ['1'],
};

/** Does a rule with this condition match the chest radiograph above? */
const holds = (when: unknown): boolean | undefined =>
  rule(parseRules(JSON.stringify({ schema: 1, rules: [{ name: 'a', when, run: ['m'] }] })), CHEST).rules[0]
    ?.matched;

test.each<[boolean, unknown]>([
  [true, { Modality: { equals: 'DX' } }],
  [true, { Modality: { equals: 'dx' } }],
  [false, { Modality: { equals: 'D' } }],
  [false, { Modality: { equals: 'DX ' } }],
  [true, { Modality: { in: ['CR', 'DX'] } }],
  [false, { Modality: { in: ['CR', 'MG'] } }],
  // Of several values one suffices.
  [true, { ImageType: { equals: 'PRIMARY' } }],
  [true, { ImageType: { in: ['DERIVED', 'ORIGINAL'] } }],
  [false, { ImageType: { equals: 'LOCALIZER' } }],
  // A number has no one way to be written.
  [true, { KVP: { equals: 120 } }],
  [true, { KVP: { equals: '120' } }],
  [true, { KVP: { in: [100, 120] } }],
  [false, { KVP: { equals: 12 } }],
  // Text like a pattern.
  [true, { StudyDescription: { matches: '*portable*' } }],
  [true, { StudyDescription: { matches: 'Portable*' } }],
  [true, { StudyDescription: { matches: '*bedside' } }],
  [true, { StudyDescription: { matches: 'port?ble*bed*' } }],
  [true, { StudyDescription: { matches: '*' } }],
  [false, { StudyDescription: { matches: 'portable' } }],
  [false, { StudyDescription: { matches: '*chest' } }],
  [false, { StudyDescription: { matches: 'portable?' } }],
  [false, { StudyDescription: { matches: '?' } }],
  // Of a regular expression nothing has a meaning.
  [false, { StudyDescription: { matches: '.*' } }],
  [false, { StudyDescription: { matches: '(Portable|x).+' } }],
  // Ranges hold their ends.
  [true, { SliceThickness: { range: { max: 1.25 } } }],
  [true, { SliceThickness: { range: { min: 1.25 } } }],
  [true, { SliceThickness: { range: { min: 0.5, max: 2 } } }],
  [false, { SliceThickness: { range: { max: 1.249 } } }],
  [false, { SliceThickness: { range: { min: 1.2501 } } }],
  [true, { NumberOfSeriesRelatedInstances: { range: { min: 1, max: 1 } } }],
  [false, { Modality: { range: { min: 0 } } }],
  // Ages count in years, dates as dates.
  [true, { PatientAge: { range: { min: 18 } } }],
  [true, { PatientAge: { range: { min: 45, max: 45 } } }],
  [false, { PatientAge: { range: { max: 17 } } }],
  [true, { StudyDate: { range: { min: '2026-11-28' } } }],
  [true, { StudyDate: { range: { min: '2026-01-01', max: '2026-12-31' } } }],
  [false, { StudyDate: { range: { max: '2026-11-27' } } }],
  [true, { StudyDate: { equals: '20261128' } }],
  // What is absent answers no.
  [true, { BodyPartExamined: { exists: true } }],
  [false, { BodyPartExamined: { exists: false } }],
  [true, { ProtocolName: { exists: false } }],
  [false, { ProtocolName: { exists: true } }],
  [false, { ProtocolName: { equals: 'x' } }],
  [false, { ProtocolName: { matches: '*' } }],
  [false, { EchoTime: { range: { min: 0 } } }],
  // Every entry must hold.
  [true, { Modality: { equals: 'DX' }, PatientSex: { equals: 'F' } }],
  [false, { Modality: { equals: 'DX' }, PatientSex: { equals: 'M' } }],
  [true, { all: [{ KVP: { range: { min: 100 } } }, { KVP: { range: { max: 130 } } }] }],
  [false, { all: [{ KVP: { range: { min: 100 } } }, { KVP: { range: { max: 110 } } }] }],
  [true, { any: [{ Modality: { equals: 'MR' } }, { PatientSex: { equals: 'F' } }] }],
  [false, { any: [{ Modality: { equals: 'MR' } }, { PatientSex: { equals: 'M' } }] }],
  [true, { none: [{ Modality: { equals: 'MR' } }, { PatientSex: { equals: 'M' } }] }],
  [false, { none: [{ Modality: { equals: 'MR' } }, { PatientSex: { equals: 'F' } }] }],
  [true, { none: [{ ProtocolName: { equals: 'x' } }] }],
  [
    true,
    {
      Modality: { equals: 'DX' },
      any: [{ KVP: { equals: 120 } }],
      none: [{ PatientAge: { range: { max: 17 } } }],
    },
  ],
  [
    false,
    { Modality: { equals: 'DX' }, none: [{ any: [{ KVP: { equals: 120 } }, { KVP: { equals: 1 } }] }] },
  ],
  [true, { none: [{ none: [{ Modality: { equals: 'DX' } }] }] }],
  [
    true,
    {
      any: [
        { Modality: { equals: 'MR' }, PatientSex: { equals: 'F' } },
        { all: [{ PatientSex: { equals: 'F' } }] },
      ],
    },
  ],
])('%s: %j', (expected, when) => {
  expect(holds(when)).toBe(expected);
});

test('a pattern of a thousand stars is answered at once', () => {
  const attributes = { StudyDescription: ['a'.repeat(256)] };
  const when = { StudyDescription: { matches: `${'*a'.repeat(127)}b` } };
  const rules = parseRules(JSON.stringify({ schema: 1, rules: [{ name: 'a', when, run: ['m'] }] }));
  expect(rule(rules, attributes).chosen).toEqual([]);
});

const FILE = `
schema: 1
rules:
  - name: bedside-chest
    comment: from the intensive care units
    contact: radiology IT, 4711
    when:
      Modality: { in: [CR, DX] }
      StudyDescription: { matches: '*portable*' }
    run: [chest-xr-pneumonia]
    priority: urgent
  - name: all-chests
    when: { BodyPartExamined: { equals: CHEST } }
    run: [chest-xr-pneumonia, chest-other]
    priority: off-peak
  - name: no-children
    when: { PatientAge: { range: { max: 17 } } }
    run: none
otherwise: { run: [anything] }
offPeak: { from: '19:00', to: '06:00' }
`;

describe('a rule file', () => {
  const rules = parseRules(FILE);

  test('all rules that match choose; each model once, as soon as one of them wants it', () => {
    expect(rule(rules, CHEST).chosen).toEqual([
      { modelId: 'chest-xr-pneumonia', priority: 'urgent', rule: 'bedside-chest' },
      { modelId: 'chest-other', priority: 'off-peak', rule: 'all-chests' },
    ]);
  });

  test('a rule with `none` keeps all models away', () => {
    const ruling = rule(rules, { ...CHEST, PatientAge: ['009M'] });
    expect([ruling.barredBy, ruling.chosen]).toEqual(['no-children', []]);
  });

  test('`otherwise` counts where no rule matches', () => {
    expect(rule(rules, { Modality: ['MR'] }).chosen).toEqual([
      { modelId: 'anything', priority: 'normal', rule: 'otherwise' },
    ]);
  });

  test('without `otherwise` nothing runs where no rule matches', () => {
    const { otherwise: _, ...only } = rules;
    expect(rule(only, { Modality: ['MR'] }).chosen).toEqual([]);
  });

  test('the ruling is told clause by clause', () => {
    expect(linesOf(rule(rules, { ...CHEST, StudyDescription: ['Chest'] }))).toEqual([
      'does not match: bedside-chest, from the intensive care units (ask radiology IT, 4711)',
      '  ✗ all of',
      '    ✓ Modality is DX, wanted CR or DX',
      '    ✗ StudyDescription is Chest, wanted text like *portable*',
      'matches: all-chests',
      '  ✓ BodyPartExamined is CHEST, wanted CHEST',
      'does not match: no-children',
      '  ✗ PatientAge is 045Y, wanted at most 17',
      'Chosen: chest-xr-pneumonia, off-peak, by all-chests.',
      'Chosen: chest-other, off-peak, by all-chests.',
    ]);
  });
});

describe('why a model does or does not run', () => {
  const accepts = {
    Modality: ['DX'],
    SOPClassUID: ['1.2.840.10008.5.1.4.1.1.1.1'],
    BodyPartExamined: { oneOf: ['CHEST'], orAbsent: false },
    instances: { min: 1, max: 1 },
  };
  const models = [{ id: 'm', accepts }];
  const image = { ...CHEST, SOPClassUID: accepts.SOPClassUID };
  const decided = (rules: object, attributes = image) =>
    route(attributes, models, parseRules(JSON.stringify({ schema: 1, ...rules })))[0];
  const rulesOf = (when: unknown, run: unknown = ['m']) => ({ rules: [{ name: 'r', when, run }] });

  test.each([
    ['no rules', { rules: [] }, 'no rule chooses the model'],
    [
      'a clause of all',
      rulesOf({ Modality: { equals: 'DX' }, PatientSex: { equals: 'M' } }),
      'rule r: PatientSex is F, wanted M',
    ],
    [
      'every clause of any',
      rulesOf({ any: [{ Modality: { equals: 'CT' } }, { KVP: { exists: false } }] }),
      'rule r: Modality is DX, wanted CT; and KVP is 120.0, wanted not to be there',
    ],
    [
      'what is excluded',
      rulesOf({ none: [{ PatientSex: { equals: 'F' } }] }),
      'rule r: PatientSex is F, which is excluded',
    ],
    ['a rule for others', rulesOf({ Modality: { equals: 'DX' } }, ['other']), 'no rule chooses the model'],
    ['a rule that bars', rulesOf({ Modality: { equals: 'DX' } }, 'none'), 'rule r keeps all models away'],
  ])('%s', (_, rules, why) => {
    expect(decided(rules)).toEqual({ modelId: 'm', run: false, why });
  });

  test('a rule cannot make a model read what its package refuses', () => {
    expect(
      decided(rulesOf({ Modality: { equals: 'DX' } }), { ...image, BodyPartExamined: ['HAND'] }),
    ).toEqual({
      modelId: 'm',
      run: false,
      why: 'BodyPartExamined is HAND, the model reads CHEST',
    });
  });

  test.each([
    ['all versions', 'm', true],
    ['this version', 'm@1.0.0', true],
    ['another version', 'm@1.0.1', false],
    ['a model whose name begins so', 'm-other', false],
  ])('a rule may name %s', (_, named, run) => {
    const rules = parseRules(
      JSON.stringify({ schema: 1, ...rulesOf({ Modality: { equals: 'DX' } }, [named]) }),
    );
    expect(route(image, [{ id: 'm@1.0.0', accepts }], rules)[0]?.run).toBe(run);
  });

  test('the rule that chose is named', () => {
    expect(
      decided({ rules: [{ ...rulesOf({ Modality: { equals: 'DX' } }).rules[0], priority: 'urgent' }] }),
    ).toEqual({
      modelId: 'm',
      run: true,
      why: 'rule r: Modality DX, BodyPartExamined CHEST, 1 image',
      priority: 'urgent',
    });
  });
});

test.each([
  ['no YAML', 'rules: [', 'RULES_INVALID'],
  ['an unknown key', 'schema: 1\nrules: []\nrule: []', 'Unrecognized key: "rule"'],
  ['a misspelt keyword', one({ Modalty: { equals: 'CT' } }), 'is no attribute of DICOM'],
  ['a sequence', one({ ProcedureCodeSequence: { exists: true } }), 'rules do not see it'],
  ['a name', one({ PatientName: { equals: 'A' } }), 'rules do not see it'],
  ['two operators', one({ Modality: { equals: 'CT', exists: true } }), 'and only one'],
  ['no operator', one({ Modality: {} }), 'needs one of equals'],
  ['an unknown operator', one({ Modality: { like: 'C*' } }), 'Unrecognized key: "like"'],
  ['a bare value', one({ Modality: 'CT' }), 'expected object'],
  ['an empty range', one({ KVP: { range: {} } }), 'needs min or max'],
  ['an empty list', one({ any: [] }), 'Too small'],
  ['a condition that asks nothing', one({ none: [{}] }), 'asks nothing'],
  [
    'code',
    '{"schema":1,"rules":[{"name":"a","run":["m"],"when":{"__proto__":{"equals":"CT"},"constructor":{"equals":"x"}}}]}',
    'is no attribute of DICOM',
  ],
  ['two rules of one name', many(['a', 'a']), 'there is another rule a'],
  [
    'off-peak without hours',
    JSON.stringify({ schema: 1, rules: [], otherwise: { run: ['m'], priority: 'off-peak' } }),
    'a rule has the priority off-peak',
  ],
  [
    'lists a thousand deep',
    `schema: 1\nrules:\n - name: a\n   run: [m]\n   when: ${'{any: ['.repeat(20_000)}`,
    '',
  ],
  [
    'a list that repeats itself',
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]`,
    '',
  ],
  ['more than a megabyte', `#${'x'.repeat(2 ** 20)}`, 'larger than 1 MiB'],
])('%s is refused by name', (_, text, says) => {
  expect(() => parseRules(text)).toThrow(
    expect.objectContaining({ code: 'RULES_INVALID', message: expect.stringContaining(says) }),
  );
});

function one(when: unknown): string {
  return JSON.stringify({ schema: 1, rules: [{ name: 'a', when, run: ['m'] }] });
}
function many(names: readonly string[]): string {
  const rules = names.map((name) => ({ name, when: { Modality: { equals: 'CT' } }, run: ['m'] }));
  return JSON.stringify({ schema: 1, rules });
}

test('all mistakes are named at once', () => {
  const text = JSON.stringify({ schema: 1, rules: [{ name: 'A b', when: { Foo: { equals: 1 } }, run: [] }] });
  expect(() => parseRules(text)).toThrow(/digits and hyphens[\s\S]*Too small[\s\S]*no attribute/);
});

describe('copies without identity', () => {
  const copiesOf = (...rules: readonly object[]) =>
    rule(
      parseRules(JSON.stringify({ schema: 1, rules: rules.map((r, i) => ({ name: `r${i}`, ...r })) })),
      CHEST,
    ).copies;
  const chest = { BodyPartExamined: { equals: 'CHEST' } };
  const head = { BodyPartExamined: { equals: 'HEAD' } };

  test.each<[string, readonly object[], readonly object[]]>([
    [
      'a rule may copy and run nothing',
      [{ when: chest, copy: { to: 'research' } }],
      [{ target: 'research', results: false, rule: 'r0' }],
    ],
    ['a rule that does not match copies nothing', [{ when: head, copy: { to: 'research' } }], []],
    [
      'of two rules for one target it goes once, with the results that one wants',
      [
        { when: chest, copy: { to: 'research' } },
        { when: chest, run: ['m'], copy: { to: 'research', results: true } },
      ],
      [{ target: 'research', results: true, rule: 'r0' }],
    ],
    [
      'a rule that keeps models away keeps copies away',
      [
        { when: chest, copy: { to: 'research' } },
        { when: chest, run: 'none' },
      ],
      [],
    ],
  ])('%s', (_, rules, copies) => expect(copiesOf(...rules)).toEqual(copies));

  test.each([
    ['neither runs nor copies', { when: chest }, 'the rule does nothing'],
    ['keeps away and copies', { when: chest, run: 'none', copy: { to: 'a' } }, 'copies nothing'],
    [
      'waits for its study and copies',
      { when: chest, run: ['m'], copy: { to: 'a' }, study: { quiet: '9 s', deadline: '99 s' } },
      'a copy waits for no study',
    ],
    ['copies to an address', { when: chest, copy: { to: 'http://a.example' } }, 'other than small letters'],
  ])('a rule that %s is refused', (_, given, says) => expect(() => copiesOf(given)).toThrow(says));
});

test('docs/rules.md: the pair of rules that waits for its study and copies each series says both', () => {
  const page = readFileSync('docs/rules.md', 'utf8');
  const [pair = ''] = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)]
    .map(([, yaml = '']) => yaml)
    .filter((yaml) => yaml.includes('ct-for-research'));
  const thin = { Modality: ['CT'], BodyPartExamined: ['CHEST'], SliceThickness: ['1.5'] };
  const ruling = rule(parseRules(pair), thin);
  expect(ruling.chosen).toMatchObject([
    { modelId: 'ct-body-basics', rule: 'one-ct', study: { series: 'thinnest' } },
  ]);
  expect(ruling.copies).toEqual([{ target: 'research', results: true, rule: 'ct-for-research' }]);
  expect(rule(parseRules(pair), { ...thin, SliceThickness: ['5'] })).toMatchObject({
    chosen: [],
    copies: [],
  });
  const joined = pair.replace('    study:', '    copy: { to: research }\n    study:');
  expect(() => parseRules(joined)).toThrow(/a copy waits for no study: say it in a rule of its own/);
});
