import type { Dataset } from '../../server/contracts.ts';
import { ACCEPTANCE_CODE, ANSWER_CODES, CODES, code } from '../../server/dicom/code.ts';
import { codeOf, items, number, readPart10, text, texts } from '../../server/dicom/read.ts';
import { SeriesInstanceUID } from '../../server/dicom/uid.ts';
import { encode } from '../../server/encode/index.ts';
import { errorsOf, reportTree } from '../helpers/validators.ts';
import { ACCEPTANCE, ANSWERS, answered, brainCase, type Case, chestCase } from './fixtures.ts';

const report = (results: Case): Uint8Array => encode(results).at(-1)?.bytes as Uint8Array;
const children = (item: Dataset): readonly Dataset[] => items(item, 'ContentSequence');
const nameOf = (item: Dataset): string | undefined => codeOf(item, 'ConceptNameCodeSequence')?.value;

/** The Measurement Groups, found as a reader would: the container of Imaging Measurements below the root. */
function groups(results: Case): readonly Dataset[] {
  const root = readPart10(report(results)).dataset;
  const measurements = children(root).find((c) => nameOf(c) === CODES.imagingMeasurements.value);
  return children(measurements ?? {}).filter((c) => nameOf(c) === CODES.measurementGroup.value);
}
const named = (group: Dataset, name: string): readonly Dataset[] =>
  children(group).filter((c) => nameOf(c) === name);
const numeric = (item: Dataset | undefined): number | undefined =>
  number(items(item ?? {}, 'MeasuredValueSequence')[0] ?? {}, 'NumericValue');
const template = (group: Dataset): string | undefined =>
  text(items(group, 'ContentTemplateSequence')[0] ?? {}, 'TemplateIdentifier');

test.each([
  ['a positive radiograph', chestCase()],
  ['a negative radiograph', chestCase({ positive: false })],
  ['a segmentation', brainCase()],
])(
  '%s: tracking comes first and every child of root and group has a name (OHIF throws otherwise)',
  (_, results) => {
    const root = readPart10(report(results)).dataset;
    expect(children(root).every(nameOf)).toBe(true);
    for (const group of groups(results)) {
      expect(children(group).slice(0, 2).map(nameOf)).toEqual(['112039', '112040']);
      expect(children(group).every(nameOf)).toBe(true);
    }
  },
);

test('positive: Finding, Present, score, scale, threshold, and the rectangle on the source image', () => {
  const results = chestCase();
  const [group, region] = groups(results) as [Dataset, Dataset];
  expect(template(group)).toBe('1410');
  expect(codeOf(named(group, CODES.finding.value)[0] ?? {}, 'ConceptCodeSequence')?.value).toBe('233604007');
  expect(codeOf(named(group, '233604007')[0] ?? {}, 'ConceptCodeSequence')).toEqual(CODES.present);
  expect(numeric(named(group, CODES.score.value)[0])).toBe(0.7252);
  expect(numeric(named(group, CODES.threshold.value)[0])).toBe(0.3252);
  expect(codeOf(named(group, CODES.scoreScale.value)[0] ?? {}, 'ConceptCodeSequence')).toEqual(
    CODES.scoreUncalibrated,
  );
  const [scoord] = named(group, CODES.imageRegion.value);
  expect(scoord?.GraphicData).toEqual([10, 5.5, 40, 5.5, 40, 30, 10, 30, 10, 5.5]);
  const selected = items(children(scoord ?? {})[0] ?? {}, 'ReferencedSOPSequence')[0] ?? {};
  expect(text(selected, 'ReferencedSOPInstanceUID')).toBe(results.volume.frames[0]?.SOPInstanceUID);
  expect(named(region, CODES.summary.value)).toEqual([]);
  expect(text(named(region, '112039')[0] ?? {}, 'TextValue')).toBe('Pneumonia: Second region');
});

test('negative: a complete group without Finding and without a region', () => {
  const [group, ...others] = groups(chestCase({ positive: false })) as [Dataset];
  expect(others).toEqual([]);
  expect(template(group)).toBe('1501');
  expect(named(group, CODES.finding.value)).toEqual([]);
  expect(named(group, CODES.imageRegion.value)).toEqual([]);
  expect(codeOf(named(group, '233604007')[0] ?? {}, 'ConceptCodeSequence')).toEqual(CODES.absent);
  expect(text(named(group, CODES.summary.value)[0] ?? {}, 'TextValue')).toBe(
    'Finding 0 in one plain sentence.',
  );
});

test('how the model was accepted stands once in the report, and in its UIDs: a package that is checked anew says so in other bytes', () => {
  const said = (results: Case) =>
    children(readPart10(report(results)).dataset)
      .filter((c) => nameOf(c) === 'C0034375')
      .flatMap((c) => named(c, ACCEPTANCE_CODE.value))
      .map((item) => text(item, 'TextValue'));
  const accepted = answered(chestCase());
  expect(said(accepted)).toEqual([ACCEPTANCE]);
  expect(said(chestCase())).toEqual([]);
  const uid = (results: Case) => text(readPart10(report(results)).dataset, 'SOPInstanceUID');
  const { prediction } = accepted;
  const anew = { ...prediction.model, acceptance: 'Accepted on 2026-11-25: all 3 checks passed.' };
  expect(uid({ ...accepted, prediction: { ...prediction, model: anew } })).not.toBe(uid(accepted));
});

test('what the package answers to the framework stands once in the report', () => {
  const said = children(readPart10(report(answered(chestCase()))).dataset).find(
    (c) => nameOf(c) === 'C0034375',
  );
  const words = Object.values(ANSWER_CODES).map(({ value }) =>
    named(said ?? {}, value).map((item) => text(item, 'TextValue')),
  );
  expect(errorsOf(report(answered(chestCase())))).toEqual([]);
  expect(words).toEqual(Object.values(ANSWERS).map((answer) => [answer]));
});

test('each of the five elements is a code and a text, in order', () => {
  const results = chestCase();
  const elements = [
    CODES.localization,
    CODES.visualRecognizability,
    CODES.physicalAttribution,
    CODES.modelTransparency,
    CODES.actionability,
  ];
  const [group] = groups(results) as [Dataset];
  const found = elements.map((e) => {
    const [state, words] = named(group, e.value);
    return [codeOf(state ?? {}, 'ConceptCodeSequence')?.value, text(words ?? {}, 'TextValue')];
  });
  expect(found).toEqual([
    ['GIVEN', 'The evidence is there.'],
    ['NOT_GIVEN', 'No reference cases.'],
    ['NOT_GIVEN', 'No pixel spacing is known.'],
    ['GIVEN', 'The parts add up to the logit.'],
    ['GIVEN', 'The score is 0.4 above its threshold.'],
  ]);
  const [given] = named(group, CODES.localization.value);
  expect(text(children(given ?? {})[0] ?? {}, 'TextValue')).toBe('by hand');
});

test('what the package asks for next: its code where it has one, and its words with who says so', () => {
  const results = chestCase();
  const [explained] = results.explanation.findings;
  const follow = code('268445003', 'SCT', 'Ultrasonography of abdomen');
  const said = (nextStep: object) => {
    const explanation = { ...results.explanation, findings: [{ ...explained, nextStep }] };
    const [group] = groups({ ...results, explanation } as Case) as [Dataset];
    return named(group, '121075').map(
      (item) => codeOf(item, 'ConceptCodeSequence')?.value ?? text(item, 'TextValue'),
    );
  };
  const nextStep = { text: 'Read this study first.', source: 'local protocol' };
  expect(said(nextStep)).toEqual(['Read this study first. (local protocol)']);
  expect(said({ ...nextStep, code: follow })).toEqual([
    follow.value,
    'Read this study first. (local protocol)',
  ]);
  expect(groups(results).flatMap((group) => named(group, '121075'))).toEqual([]);
});

test('a measure is its sentence and the number after it, under a code of its name', () => {
  const [group] = groups(chestCase()) as [Dataset];
  const list = children(group);
  const at = list.findIndex((c) => nameOf(c) === CODES.measure.value);
  expect(text(list[at] ?? {}, 'TextValue')).toBe('Completeness gap: What the map leaves unexplained.');
  expect(codeOf(list[at + 1] ?? {}, 'ConceptNameCodeSequence')?.meaning).toBe('Completeness gap');
  expect(numeric(list[at + 1])).toBe(1.25e-6);
  expect(named(group, CODES.meanMargin.value).map(numeric)).toEqual([0.3]);
});

test('measures with long names that start alike keep codes of their own, of at most 16 characters', () => {
  const results = chestCase();
  const [first] = results.explanation.findings;
  const measures = ['Deletion area under curve', 'Deletion area under the random curve'].map((name) => ({
    name,
    value: 1,
    unit: CODES.score,
    sentence: 's',
  }));
  const explanation = { ...results.explanation, findings: [{ ...first, measures } as typeof first & object] };
  const [group] = groups({ ...results, explanation }) as [Dataset];
  const names = children(group)
    .filter((c) => text(c, 'ValueType') === 'NUM')
    .slice(2)
    .map(nameOf);
  expect(new Set(names).size).toBe(2);
  expect(names.every((n) => n && n.length <= 16)).toBe(true);
});

test('a segment refers to its SEG by number, with its volume in mm³ and the SEG’s tracking UID', () => {
  const results = brainCase();
  const [seg] = encode(results);
  const segments = items(readPart10(seg?.bytes as Uint8Array).dataset, 'SegmentSequence');
  const findings = groups(results).filter((g) => named(g, CODES.summary.value).length > 0);
  expect(findings.map(template)).toEqual(['1411', '1411']);
  findings.forEach((group, i) => {
    const reference =
      items(named(group, CODES.referencedSegment.value)[0] ?? {}, 'ReferencedSOPSequence')[0] ?? {};
    expect(text(reference, 'ReferencedSOPInstanceUID')).toBe(seg?.SOPInstanceUID);
    expect(number(reference, 'ReferencedSegmentNumber')).toBe(i + 1);
    expect(text(named(group, '112040')[0] ?? {}, 'UID')).toBe(text(segments[i] ?? {}, 'TrackingUID'));
    const finding = results.prediction.findings[i];
    expect(numeric(named(group, CODES.volume.value)[0])).toBe(
      finding?.kind === 'segment' ? finding.volumeMm3 : NaN,
    );
  });
});

test('an empty segment is Absent and has no Finding', () => {
  const [group] = groups(brainCase({ empty: true })) as [Dataset];
  expect(named(group, CODES.finding.value)).toEqual([]);
  expect(numeric(named(group, CODES.volume.value)[0])).toBe(0);
});

describe('each finding has a place on an image: OHIF 3.13 opens no report with one that has none', () => {
  const graphic = (item: Dataset | undefined): readonly number[] =>
    texts(item ?? {}, 'GraphicData').map(Number);
  const imageOf = (place: Dataset | undefined): string | undefined =>
    text(items(children(place ?? {})[0] ?? {}, 'ReferencedSOPSequence')[0] ?? {}, 'ReferencedSOPInstanceUID');
  const trackingOf = (group: Dataset) => text(named(group, '112040')[0] ?? {}, 'UID');

  test('a segment: TID 1410 under its own UID, around all of it on the frame that holds most of it', () => {
    const labels = new Uint8Array(4 * 35);
    labels[35 + 8] = 1;
    // Rows 1 to 3 and columns 2 to 5 of 5 × 7, on frame 2.
    for (const at of [9, 10, 11, 17, 19, 23, 26]) labels[70 + at] = 1;
    const results = brainCase({ labels, segments: 1 });
    const [group, extent] = groups(results) as [Dataset, Dataset];
    expect([template(group), template(extent)]).toEqual(['1411', '1410']);
    expect(trackingOf(extent)).toBe(trackingOf(group));
    const [place] = named(extent, CODES.imageRegion.value);
    expect(graphic(place)).toEqual([2, 1, 6, 1, 6, 4, 2, 4, 2, 1]);
    expect(imageOf(place)).toBe(results.volume.frames[2]?.SOPInstanceUID);
  });

  test.each([
    ['a segment that is not there', brainCase({ empty: true }), CODES.volume, 2],
    ['a negative radiograph', chestCase({ positive: false }), CODES.score, 0],
  ] as const)(
    '%s: its number comes from the whole image, or of a volume the middle one (TID 320)',
    (_, results, name, frame) => {
      const [group] = groups(results) as [Dataset];
      expect(named(group, CODES.imageRegion.value)).toEqual([]);
      const source = children(named(group, name.value)[0] ?? {}).find((c) => nameOf(c) === '121112');
      expect(text(source ?? {}, 'RelationshipType')).toBe('INFERRED FROM');
      const [, rows, columns] = results.volume.shape;
      expect(graphic(source)).toEqual([0, 0, columns, 0, columns, rows, 0, rows, 0, 0]);
      expect(imageOf(source)).toBe(results.volume.frames[frame]?.SOPInstanceUID);
    },
  );
});

test('the evidence lists the source and every map beside the report (PS3.3 C.17.2.1)', () => {
  const results = chestCase({ frames: 2 });
  const objects = encode(results);
  const evidence =
    items(readPart10(report(results)).dataset, 'CurrentRequestedProcedureEvidenceSequence')[0] ?? {};
  const cited = items(evidence, 'ReferencedSeriesSequence').flatMap((s) =>
    items(s, 'ReferencedSOPSequence').map((i) => text(i, 'ReferencedSOPInstanceUID')),
  );
  expect(cited).toEqual([
    ...results.volume.frames.map((f) => f.SOPInstanceUID),
    ...objects.filter((o) => o.kind === 'SC' || o.kind === 'MAP').map((o) => o.SOPInstanceUID),
  ]);
});

test('the evidence lists the label map too, and no item takes it for an explanation', () => {
  const objects = encode(brainCase(), ['LABELMAP']);
  const twin = objects.find(({ kind }) => kind === 'LABELMAP');
  const { dataset } = readPart10(objects.at(-1)?.bytes as Uint8Array);
  const [study] = items(dataset, 'CurrentRequestedProcedureEvidenceSequence');
  const cited = items(study ?? {}, 'ReferencedSeriesSequence').map((s) => text(s, 'SeriesInstanceUID'));
  expect(cited).toContain(twin?.SeriesInstanceUID);
  const tree = JSON.stringify(items(dataset, 'ContentSequence'));
  expect(tree).not.toContain(twin?.SOPInstanceUID);
  expect(tree).toContain(objects.find(({ kind }) => kind === 'PM')?.SOPInstanceUID);
});

describe('the tracking UID', () => {
  const results = chestCase();
  const uids = (r: Case) => groups(r).map((g) => text(named(g, '112040')[0] ?? {}, 'UID'));
  const [finding, region] = uids(results);
  const of = (header: Dataset, series: string): Case => ({
    ...results,
    volume: {
      ...results.volume,
      SeriesInstanceUID: SeriesInstanceUID.parse(series),
      header: { ...results.volume.header, ...header },
    },
  });
  const other = '1.2.3.4';

  test('follows the finding and not the run', () => {
    expect(uids({ ...results, job: { ...results.job, analysisId: 'another run' } })).toEqual(uids(results));
    expect(new Set(uids(results)).size).toBe(2);
  });

  test.each<[string, Dataset, isSame: boolean]>([
    ['in another series or study of the same patient it is the same', {}, true],
    ['of another patient it is another', { PatientID: 'TEST-2' }, false],
    ['the same number from another issuer is another patient', { IssuerOfPatientID: 'ELSEWHERE' }, false],
    ['without a Patient ID nothing is followed beyond the series', { PatientID: '' }, false],
  ])('%s; that of a further region stays in its series', (_, header, isSame) => {
    const [found, further] = uids(of(header, other));
    expect(found === finding).toBe(isSame);
    expect(further).not.toBe(region);
  });

  test('without a Patient ID, the same series gives the same again, and another series another', () => {
    const nameless = { PatientID: '' };
    expect(uids(of(nameless, other))).toEqual(uids(of(nameless, other)));
    expect(uids(of(nameless, other))[0]).not.toBe(uids(of(nameless, '1.2.3.5'))[0]);
  });
});

test('DCMTK reads the whole tree, words and all', () => {
  const tree = reportTree(report(chestCase()));
  expect(tree).toContain('NUM:(SCORE,99PELLUCID,"Model score")="0.7252" (1,UCUM,"no units")');
  expect(tree).toContain('CODE:(121058,DCM,"Procedure reported")=(168537006,SCT,"Plain radiography")');
});

test('a finding without an explanation is ENCODE_INVALID, never a silent gap', () => {
  const results = chestCase();
  const explanation = { ...results.explanation, findings: [] };
  expect(() => encode({ ...results, explanation })).toThrow('finding 0 has no explanation');
});

describe('what a reader without our codes finds', () => {
  const rootOf = (results: Case): Dataset => readPart10(report(results)).dataset;
  const coded = (item: Dataset | undefined): string | undefined =>
    codeOf(item ?? {}, 'ConceptCodeSequence')?.value;

  test.each([
    ['a positive radiograph', chestCase(), '111242'],
    ['a negative radiograph', chestCase({ positive: false }), '111241'],
    ['a segmentation', brainCase(), '111242'],
    ['an empty mask', brainCase({ empty: true }), '111241'],
  ])('%s: with or without findings, for the whole analysis (CID 6047)', (_, results, summary) => {
    const evaluations = children(rootOf(results)).find((c) => nameOf(c) === 'C0034375');
    expect(children(evaluations ?? {}).map((c) => [nameOf(c), coded(c)])).toEqual([['111017', summary]]);
  });

  test('a model without any label says so; no empty container (PS3.16 TID 1500)', () => {
    const results = chestCase();
    const root = rootOf({
      ...results,
      prediction: { ...results.prediction, findings: [] },
      explanation: { findings: [], maps: [], checks: [] },
    });
    expect(children(root).map(nameOf)).not.toContain('126010');
    expect(children(root).map(nameOf)).toContain('C0034375');
  });

  test('TID 4019 names the algorithm, its maker, family and operating point', () => {
    const [group] = groups(chestCase()) as [Dataset];
    const words = (name: string) => named(group, name).map((c) => text(c, 'TextValue') ?? coded(c));
    expect(words('111001')).toEqual(['Test model for encoders']);
    expect(words('111003')).toEqual(['1.2.3']);
    expect(words('111002')).toContain('threshold=0.3252');
    expect(words('111000')).toEqual(['123110']);
    expect(words('122405')).toEqual(['Pellucid tests']);
  });

  test.each([
    ['the picture of a region', chestCase(), '1.2.826.0.1.3680043.8.498.2.1'],
    ['the frame of a segment’s region', brainCase(), '1.2.826.0.1.3680043.8.498.3.1'],
  ])('best illustration: %s', (_, results, uid) => {
    const [group] = groups(results) as [Dataset];
    const [image] = named(group, '121080');
    expect(text(items(image ?? {}, 'ReferencedSOPSequence')[0] ?? {}, 'ReferencedSOPInstanceUID')).toBe(uid);
  });

  test('best illustration of a segment without a region: the frame that holds most of it', () => {
    const labels = new Uint8Array(4 * 35);
    labels.fill(1, 35, 37).fill(1, 70, 80).fill(1, 105, 108);
    const results = brainCase({ labels, segments: 1 });
    const findings = results.explanation.findings.map((f) => ({ ...f, regions: [] }));
    const [group] = groups({ ...results, explanation: { ...results.explanation, findings } }) as [Dataset];
    const [image] = named(group, '121080');
    expect(text(items(image ?? {}, 'ReferencedSOPSequence')[0] ?? {}, 'ReferencedSOPInstanceUID')).toBe(
      results.volume.frames[2]?.SOPInstanceUID,
    );
  });

  test('nothing illustrates what is absent', () => {
    const [group] = groups(chestCase({ positive: false })) as [Dataset];
    expect(named(group, '121080')).toEqual([]);
  });

  test('only a calibrated score is a certainty, in percent', () => {
    const results = chestCase();
    const [finding] = results.prediction.findings;
    const calibrated = { ...finding, calibrated: true } as Case['prediction']['findings'][number];
    const [group] = groups({ ...results, prediction: { ...results.prediction, findings: [calibrated] } }) as [
      Dataset,
    ];
    expect(named(group, '111012').map(numeric)).toEqual([72.52]);
    expect(named((groups(results) as [Dataset])[0], '111012')).toEqual([]);
  });
});

test.each([
  ['MG', '71651007'],
  ['US', '16310003'],
  ['XC', '363679005'],
])('the procedure of %s without a code of its own', (Modality, procedure) => {
  const results = chestCase({ header: { Modality } });
  const root = readPart10(report(results)).dataset;
  const reported = children(root).find((c) => nameOf(c) === '121058');
  expect(codeOf(reported ?? {}, 'ConceptCodeSequence')?.value).toBe(procedure);
});

test('a map of one finding is evidence of that one alone', () => {
  const results = chestCase();
  const [finding] = results.prediction.findings;
  const [explained] = results.explanation.findings;
  const [map] = results.explanation.maps;
  const both = {
    ...results,
    prediction: { ...results.prediction, findings: [finding, finding] },
    explanation: {
      findings: [explained, { ...explained, finding: 1 }],
      checks: [],
      maps: [0, 1].map((index) => ({ ...map, name: `map of ${index}`, finding: index })),
    },
  } as typeof results;
  const shown = groups(both).map((group) =>
    named(group, CODES.visualExplanation.value).map(
      (item) => text(items(item, 'ReferencedSOPSequence')[0] ?? {}, 'ReferencedSOPInstanceUID') ?? '',
    ),
  );
  const own = encode(both)
    .filter(({ kind }) => kind === 'SC' || kind === 'MAP')
    .map(({ SOPInstanceUID }) => SOPInstanceUID);
  expect(own).toHaveLength(4);
  expect([...new Set(shown.flat())].toSorted()).toEqual(own.toSorted());
  expect(shown[0]).toEqual(own.slice(0, 2));
  expect(shown.at(-1)).toEqual(own.slice(2));
});

test('the deletion curve: what was done to the image, and after the colons the scores', () => {
  const results = chestCase();
  const [explained] = results.explanation.findings;
  const deletion = { strongestFirst: [0.91, 0.52341, 0], randomOrder: [0.91, 0.8, 0], hidden: 'blurred' };
  const explanation = { ...results.explanation, findings: [{ ...explained, deletion }] };
  const [group] = groups({ ...results, explanation } as typeof results) as [Dataset];
  const [curve] = named(group, CODES.deletionCurve.value);
  expect(text(curve ?? {}, 'TextValue')).toBe(
    'Scores with 0 % to 100 % of the image blurred; the strongest evidence first: 0.9100 0.5234 0.0000; in a random order: 0.9100 0.8000 0.0000',
  );
  const [without] = groups(results) as [Dataset];
  expect(named(without, CODES.deletionCurve.value)).toEqual([]);
});

test('from which value on is hidden follows the scores, a dash where no value tells', () => {
  const results = chestCase();
  const [explained] = results.explanation.findings;
  const scores = [0.91, 0.5, 0.2, 0];
  const deletion = {
    strongestFirst: scores,
    randomOrder: scores,
    hidden: 'blurred',
    hiddenFrom: [1.23456789012e-7, null],
  };
  const explanation = { ...results.explanation, findings: [{ ...explained, deletion }] };
  const hiding = { ...results, explanation } as typeof results;
  expect(errorsOf(report(hiding))).toEqual([]);
  const [group] = groups(hiding) as [Dataset];
  const [curve] = named(group, CODES.deletionCurve.value);
  expect(text(curve ?? {}, 'TextValue')).toMatch(
    /; in a random order: [\d. ]+; what is hidden has evidence above: 1\.23456789e-7 -$/,
  );
});
