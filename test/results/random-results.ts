import fc from 'fast-check';
import type { ClassificationFinding, LabelSpec, SegmentFinding, Volume } from '../../server/contracts.ts';
import { CHECK_CODES, type Code, code, LATERALITIES } from '../../server/dicom/code.ts';
import { SeriesInstanceUID, SOPInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import type { Results } from '../../server/encode/index.ts';
import type {
  Element,
  ExplanationMap,
  FindingExplanation,
  Measure,
  Region,
  StudyCheck,
} from '../../server/explanation.ts';

/** Results of any content that an analysis may give, small. */
export interface RandomResults extends Results {
  /** RLE for the label map. */
  readonly compress: boolean;
}

/** What an SR text holds: no control characters, no backslash, no blanks at its ends. */
const text = (limit: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: limit })
    .map((s) => s.replace(/[\p{Cc}\p{Cn}\p{Zl}\p{Zp}\ufeff\\]/gu, '').trim())
    .filter((s) => s !== '' && Buffer.byteLength(s) <= limit);

const LABEL = text(64);
const SENTENCE = text(60);
const NAME = text(20);

const anyCode: fc.Arbitrary<Code> = fc
  .tuple(fc.stringMatching(/^[A-Z0-9][A-Z0-9.-]{0,15}$/), fc.constantFrom('SCT', 'DCM', '99TEST'), LABEL)
  .map((parts) => code(...parts));

const labels = (count: number): fc.Arbitrary<readonly LabelSpec[]> =>
  fc.uniqueArray(
    fc.record(
      {
        label: LABEL,
        category: anyCode,
        type: anyCode.filter((c) => !c.value.startsWith('11')),
        site: anyCode,
        laterality: fc.constantFrom(...Object.values(LATERALITIES)),
        rgb: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
      },
      { requiredKeys: ['label', 'category', 'type', 'rgb'] },
    ),
    { minLength: count, maxLength: count, selector: (l) => l.label },
  ) as fc.Arbitrary<readonly LabelSpec[]>;

/** Without −0, which numbers in DICOM do not keep. */
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }).map((v) => v + 0);
const float32 = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });

/** A few random values all over a grid: as telling as random ones everywhere, and made in a moment. */
const scattered = (value: fc.Arbitrary<number>, [frames, rows, columns]: Volume['shape']) =>
  fc
    .tuple(fc.array(value, { minLength: 1, maxLength: 5 }), fc.constantFrom(1, 7, 13, 31))
    .map(([few, step]) =>
      Array.from(
        { length: frames * rows * columns },
        (_, i) => few[Math.floor((i * step) / 3) % few.length] as number,
      ),
    );

const element: fc.Arbitrary<Element> = fc.oneof(
  fc.record({ state: fc.constant('given' as const), sentence: SENTENCE, method: NAME }),
  fc.record({ state: fc.constant('absent' as const), reason: SENTENCE }),
);

const measures: fc.Arbitrary<readonly Measure[]> = fc.uniqueArray(
  fc.record({ name: LABEL, value: finite, unit: anyCode, sentence: SENTENCE }),
  { maxLength: 2, selector: (m) => m.name },
);

const regions = ([frames, rows, columns]: Volume['shape']): fc.Arbitrary<readonly Region[]> =>
  fc.array(
    fc.record({
      name: NAME,
      frame: fc.nat(frames - 1),
      left: fc.nat(columns),
      top: fc.nat(rows),
      right: fc.nat(columns),
      bottom: fc.nat(rows),
      meaning: SENTENCE,
    }),
    { maxLength: 2 },
  );

const explained = (finding: number, shape: Volume['shape']): fc.Arbitrary<FindingExplanation> =>
  fc.record({
    finding: fc.constant(finding),
    sentence: SENTENCE,
    elements: fc.record({
      localization: element,
      visualRecognizability: element,
      physicalAttribution: element,
      modelTransparency: element,
      actionability: element,
    }),
    regions: regions(shape),
    measures,
  });

const maps = (shape: Volume['shape']): fc.Arbitrary<readonly ExplanationMap[]> =>
  fc.uniqueArray(
    fc
      .record({
        name: NAME,
        method: NAME,
        quantity: anyCode,
        unit: anyCode,
        data: scattered(float32, shape),
        isPadded: fc.boolean(),
      })
      .map(({ isPadded, data, ...map }) => ({
        ...map,
        shape,
        data: Float32Array.from(data),
        range: [0, 1] as const,
        ...(isPadded ? { padding: data[0] ?? 0 } : {}),
      })),
    { minLength: 1, maxLength: 2, selector: (m) => `${m.name}: ${m.method}` },
  );

const dimensions: fc.Arbitrary<Volume['shape']> = fc.tuple(
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 7 }),
  fc.integer({ min: 1, max: 7 }),
);

const TILT = ['0.8', '0.6', '0', '-0.48', '0.64', '0.6'];

/** Oblique planes, or pictures that have no place in the patient. */
function volumeOf(shape: Volume['shape'], isPlaced: boolean): Volume {
  const [frames, rows, columns] = shape;
  return {
    shape,
    data: new Float32Array(frames * rows * columns),
    inverted: false,
    padding: null,
    unit: null,
    PixelSpacing: isPlaced ? ['0.5', '0.75'] : null,
    geometry: isPlaced
      ? {
          affine: [0.6, -0.24, 0.9, 0, 0.45, 0.32, -1.2, 0, 0, 0.3, 2, 0, 0, 0, 0, 1],
          ImageOrientationPatient: TILT,
          spacingBetweenFrames: frames > 1 ? 2.5 : null,
          FrameOfReferenceUID: '1.2.3.4',
        }
      : null,
    frames: Array.from({ length: frames }, (_, i) => ({
      SOPClassUID: isPlaced ? '1.2.840.10008.5.1.4.1.1.4' : '1.2.840.10008.5.1.4.1.1.1',
      SOPInstanceUID: SOPInstanceUID.parse(`1.2.3.5.${i + 1}`),
      ...(isPlaced
        ? { ImagePositionPatient: [0.36, -0.48, 0.8].map((n) => (n * i * 2.5 - 7).toFixed(3)) }
        : {}),
    })),
    SeriesInstanceUID: SeriesInstanceUID.parse('1.2.3.6'),
    header: { StudyInstanceUID: '1.2.3', PatientID: 'R', Modality: isPlaced ? 'MR' : 'CR' },
  };
}

const MODEL = {
  id: 'random',
  name: 'Random model',
  version: '1',
  manufacturer: 'Tests',
  digest: '00'.repeat(32),
  DeviceUID: '2.25.1',
  intendedUse: 'None.',
  limits: [],
};

const segmented = (shape: Volume['shape']) =>
  fc.integer({ min: 1, max: 3 }).chain((count) =>
    fc.tuple(labels(count), scattered(fc.nat(count), shape), fc.boolean()).map(([specs, values, isWide]) => {
      const data = isWide ? Uint16Array.from(values) : Uint8Array.from(values);
      const findings = specs.map((label, i): SegmentFinding => {
        const voxels = values.filter((v) => v === i + 1).length;
        return { kind: 'segment', label, number: i + 1, voxels, volumeMm3: voxels * 0.1 + voxels / 3 };
      });
      return { findings, labelMap: { shape, data } };
    }),
  );

const classified = fc.integer({ min: 1, max: 2 }).chain((count) =>
  fc
    .tuple(
      labels(count),
      fc.array(
        fc.record({
          score: fc.double({ min: 0, max: 1, noNaN: true }),
          threshold: fc.double({ min: 0, max: 1, noNaN: true }),
          positive: fc.boolean(),
          calibrated: fc.boolean(),
        }),
        { minLength: count, maxLength: count },
      ),
    )
    .map(([specs, scores]) => ({
      findings: specs.map(
        (label, i) => ({ kind: 'classification', label, ...scores[i] }) as ClassificationFinding,
      ),
    })),
);

/** Each check at most once: of the images, or of one finding. */
const checksOf = (findings: number): fc.Arbitrary<readonly StudyCheck[]> =>
  fc.uniqueArray(
    fc.record(
      {
        name: fc.constantFrom(...(Object.keys(CHECK_CODES) as (keyof typeof CHECK_CODES)[])),
        finding: fc.nat(findings - 1),
        state: fc.constantFrom('passed', 'remark', 'failed', 'absent'),
        sentence: SENTENCE,
      },
      { requiredKeys: ['name', 'state', 'sentence'] },
    ),
    { maxLength: 4, selector: ({ name }) => name },
  ) as fc.Arbitrary<readonly StudyCheck[]>;

/** Of planes with a label map, or of pictures with scores. */
export const randomResults = (isPlaced: boolean): fc.Arbitrary<RandomResults> =>
  dimensions.chain((shape) =>
    fc
      .tuple(isPlaced ? segmented(shape) : classified, maps(shape), fc.boolean(), fc.uuid())
      .chain(([found, drawn, compress, analysisId]) =>
        fc
          .tuple(
            fc.tuple(...found.findings.map((_, i) => explained(i, shape))),
            checksOf(found.findings.length),
          )
          .map(([findings, checks]) => ({
            job: {
              analysisId,
              arrived: {
                StudyInstanceUID: StudyInstanceUID.parse('1.2.3'),
                SeriesInstanceUID: SeriesInstanceUID.parse('1.2.3.6'),
                fingerprint: 'f',
                instanceCount: shape[0],
                settledAt: '2026-11-25T02:29:00.000Z',
              },
              model: MODEL,
              why: 'a test',
              mode: 'clinical' as const,
              createdAt: '2026-11-25T02:30:00.000Z',
            },
            volume: volumeOf(shape, isPlaced),
            prediction: { model: MODEL, taps: {}, parameters: {}, ...found },
            explanation: { findings, maps: drawn, checks },
            compress,
          })),
      ),
  );
