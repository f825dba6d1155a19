import type {
  ClassificationFinding,
  Explanation,
  ExplanationMap,
  FindingExplanation,
  Measure,
  Prediction,
  Region,
  Tap,
  Volume,
} from '../contracts.ts';
import { CODES, UNITS } from '../dicom/code.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { absent, given } from './element.ts';
import { placeOf } from './place.ts';
import { strongestRegion } from './strongest-region.ts';

/** The map may differ from the logit by this much: float32 rounding over a few hundred cells. */
const TOLERANCE = 1e-4;
const METHOD = 'exact class activation map';

/**
 * Models whose head is global average pooling and one linear unit explain themselves: logit = mean(cam) + constant
 * (Zhou 2016). The identity is checked on every image; then each cell's share of the logit is cam / cells, exactly.
 */
export function explainByExactCam(
  spec: ClassificationSpec,
  volume: Volume,
  prediction: Prediction,
): Explanation {
  const finding = prediction.findings[0] as ClassificationFinding;
  const cam = camGrid(prediction.taps[spec.output.cam] as Tap);
  const gap = Math.abs(finding.logit - (mean(cam.data) + spec.output.camBias));
  if (!(gap <= TOLERANCE)) {
    throw new Fault(
      'EXPLANATION_UNFAITHFUL',
      `the class activation map differs from the logit by ${gap.toExponential(2)}`,
    );
  }
  const strongest = strongestRegion(cam, volume);
  const map: ExplanationMap = {
    name: `Evidence for ${spec.output.label.label.toLowerCase()}`,
    method: METHOD,
    quantity: CODES.classActivation,
    unit: UNITS.one,
    shape: [1, cam.rows, cam.columns],
    data: cam.data,
    range: [0, cam.data.reduce((a, b) => Math.max(a, b), 0)],
  };
  return {
    maps: [map],
    findings: [explainFinding({ finding, volume, gap, strongest, cells: cam.data.length })],
  };
}

interface Case {
  readonly finding: ClassificationFinding;
  readonly volume: Volume;
  readonly gap: number;
  readonly strongest: { readonly region: Region; readonly share: number } | undefined;
  readonly cells: number;
}

function explainFinding(it: Case): FindingExplanation {
  const { finding, volume, strongest } = it;
  const name = finding.label.label.toLowerCase();
  const place = strongest && placeOf(strongest.region, volume);
  return {
    finding: 0,
    sentence: finding.positive
      ? `The model sees signs of ${name}${place ? `, mainly in the ${place}` : ''}.`
      : `The model sees no sign of ${name}. It does not rule it out.`,
    regions: strongest ? [strongest.region] : [],
    measures: measuresOf(it),
    elements: {
      localization: !place
        ? absent('no cell of the map speaks for the finding')
        : finding.positive
          ? given(
              `The strongest evidence lies in the ${place} (A).`,
              `${METHOD}; cells above half its maximum`,
            )
          : given(`Too little evidence anywhere; the most is in the ${place}.`, METHOD),
      visualRecognizability: absent('this package has no lung mask to compare the map with'),
      physicalAttribution: physical(it),
      modelTransparency: given(
        `The ${it.cells} cells of the map add up exactly to the score.`,
        `logit = mean(map) + constant, checked on this image to ${it.gap.toExponential(1)}`,
      ),
      actionability: given(
        distanceSentence(finding),
        'score minus operating point; the package names no next step',
      ),
    },
  };
}

function physical({
  finding,
  volume,
  strongest,
}: Case): FindingExplanation['elements']['physicalAttribution'] {
  if (!strongest) return absent('no cell of the map speaks for the finding');
  const size = volume.PixelSpacing ? '' : ' Its size in mm is unknown.';
  return given(
    `Without A’s share the score is ${sigmoid(finding.logit - strongest.share).toFixed(2)}, with it ${finding.score.toFixed(2)}.${size}`,
    'exact share of the logit carried by the cells of A; no image is changed',
  );
}

function measuresOf({ finding, gap, strongest }: Case): readonly Measure[] {
  const completeness: Measure = {
    name: 'Completeness gap',
    value: gap,
    unit: UNITS.one,
    sentence: 'How far the map’s sum is from the model’s own score, before the sigmoid; 0 is exact.',
  };
  if (!strongest) return [completeness];
  return [
    completeness,
    {
      name: 'Share of region A in the logit',
      value: strongest.share,
      unit: UNITS.one,
      sentence: 'What region A adds to the score, before the sigmoid.',
    },
    {
      name: 'Score without the share of region A',
      value: sigmoid(finding.logit - strongest.share),
      unit: UNITS.one,
      sentence: 'The score if region A added nothing and all else stayed.',
    },
  ];
}

function distanceSentence({ score, threshold }: ClassificationFinding): string {
  const distance = Math.abs(score - threshold);
  return `The score is ${distance.toFixed(2)} ${score >= threshold ? 'above' : 'below'} the threshold of ${threshold.toFixed(2)}.`;
}

function camGrid({ dims, data }: Tap): { rows: number; columns: number; data: Float32Array } {
  const [n, c, rows, columns] = dims;
  if (dims.length !== 4 || n !== 1 || c !== 1 || !rows || !columns) {
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the class activation map is ${dims.join(' × ')}, not 1 × 1 × rows × columns`,
    );
  }
  return { rows, columns, data };
}

const mean = (data: Float32Array): number => data.reduce((a, b) => a + b, 0) / data.length;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
