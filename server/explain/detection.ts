import type { ClassificationFinding, DetectedBox, Prediction, Volume } from '../contracts.ts';
import { type Code, UNITS } from '../dicom/code.ts';
import type {
  Element,
  Explanation,
  FindingExplanation,
  Measure,
  Region,
  StudyCheck,
} from '../explanation.ts';
import type { Model } from '../models/load.ts';
import type { DetectionSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { checkImage } from './checks/image.ts';
import { optionsOf } from './classification.ts';
import { absent, given } from './element.ts';
import type { Engine } from './engine.ts';
import type { EvidenceRegion, Grid } from './evidence-regions.ts';
import { readModelFile } from './graph/model-file.ts';
import { greatestOf } from './greatest.ts';
import { stepAt } from './next-step.ts';
import { openSubject } from './onnx-subject.ts';
import { placeOf } from './place.ts';
import { reasons, reservations, substitutes } from './reservations.ts';
import { type Explained, explainScore } from './score.ts';
import { actionability } from './score-advice.ts';

type DetectionModel = Model & { readonly spec: DetectionSpec };
type Target = DetectionSpec['output']['targets'][number];

/** Boxes whose shares are computed: with the rest of the picture 2⁴ forwards. All boxes are regions of the result. */
const SHARED = 3;

/**
 * Boxes explain where by themselves. What made the strongest one is explained by the package's method on that box's own score; the decision is
 * of the greatest score of all boxes. Throws MODEL_INPUT_MISMATCH.
 */
export async function explainDetections(
  model: DetectionModel,
  { volume, prediction }: { readonly volume: Volume; readonly prediction: Prediction },
  engine: Engine,
): Promise<Explanation> {
  const { input } = prediction;
  if (!input) throw new Fault('INTERNAL', 'a detection came without what the model saw');
  const { spec } = model;
  const { scores, targets } = spec.output;
  const bytes = await readModelFile(model.onnxPath);
  const options = optionsOf(spec, input, engine);
  const open = (target: number, layer: string) =>
    openSubject(bytes, { ...options, target, of: scores, layer });
  const image = await checkImage(model, { volume, input, open: (layer) => open(0, layer) });
  const done: (Pick<Explained, 'finding' | 'checks'> & Partial<Explained>)[] = [];
  for (const [index, target] of targets.entries()) {
    const finding = prediction.findings[index] as ClassificationFinding;
    const [strongest] = finding.boxes ?? [];
    if (!strongest) {
      done.push({ finding: nothingFound(index, { finding, target, checks: image.ofImage }), checks: [] });
      continue;
    }
    const subject = await open(strongest.place, spec.explanation.layer);
    const whole = await greatestOf(bytes, {
      ...options,
      tensor: spec.input.tensor,
      of: scores,
      ofClass: target.place,
    });
    try {
      const explained = await explainScore({
        index,
        finding,
        target,
        explanation: spec.explanation,
        subject,
        scores: whole,
        input: input.data,
        volume,
        anatomy: prediction.anatomy,
        regions: asRegions(finding.boxes ?? [], volume, subject.dims),
        ...image,
      });
      done.push(inWords(explained, target));
    } finally {
      await subject.close();
      await whole.close();
    }
  }
  return {
    maps: done.flatMap(({ map }) => map ?? []),
    findings: done.map(({ finding }) => finding),
    checks: [...image.ofImage, ...done.flatMap(({ checks }) => checks)],
  };
}

const NAMES = [...'ABCDEFGHIJKLMNOPQRST'];

const regionOf = ({ left, top, right, bottom, score }: DetectedBox, i: number): Region => ({
  name: NAMES[i] as string,
  frame: 0,
  left,
  top,
  right,
  bottom,
  meaning: `Box of the model, score ${score.toFixed(2)}`,
});

/** The strongest boxes as cells of the model's picture; what two share is the stronger one's. */
function asRegions(
  boxes: readonly DetectedBox[],
  { shape: [, sourceRows, sourceColumns] }: Volume,
  [, rows = 1, columns = 1]: readonly number[],
): { readonly found: readonly EvidenceRegion[]; readonly grid: Grid } {
  const taken = new Uint8Array(rows * columns);
  const found = boxes.slice(0, SHARED).map((box, i): EvidenceRegion => {
    const cells: number[] = [];
    const [top, bottom] = [box.top, box.bottom].map((v) => Math.round((v * rows) / sourceRows)) as [
      number,
      number,
    ];
    const [left, right] = [box.left, box.right].map((v) => Math.round((v * columns) / sourceColumns)) as [
      number,
      number,
    ];
    for (let row = top; row < Math.max(bottom, top + 1) && row < rows; row++)
      for (let column = left; column < Math.max(right, left + 1) && column < columns; column++) {
        const at = row * columns + column;
        if (taken[at]) continue;
        taken[at] = 1;
        cells.push(at);
      }
    return { region: regionOf(box, i), cells };
  });
  return {
    found: found.filter(({ cells }) => cells.length > 0),
    grid: { rows, columns, data: new Float32Array(taken.length) },
  };
}

/** What is said of boxes otherwise than of the regions of a map. */
function inWords(explained: Explained, target: Target): Explained {
  const { it, finding } = explained;
  const boxes = it.finding.boxes ?? [];
  const regions = boxes.map(regionOf);
  const [first] = regions;
  const place = first ? placeOf(first, it.volume) : '';
  const name = target.label.label.toLowerCase();
  const count = boxes.length === 1 ? 'one place' : `${boxes.length} places`;
  const reserved = reservations(it);
  return {
    ...explained,
    finding: {
      ...finding,
      sentence: `The model marks ${count} as ${name}${reserved.length > 0 ? '' : `, the surest in the ${place}`}.`,
      regions,
      measures: [
        ...boxes.flatMap((box, i) => measuresOf(box, NAMES[i] as string, it.volume)),
        ...finding.measures,
      ],
      elements: {
        ...finding.elements,
        localization: given(
          [
            boxes.length === 1
              ? `One box, in the ${place} (A).`
              : `${boxes.length} boxes, the surest in the ${place} (A).`,
            ...reserved,
          ].join(' '),
          'boxes of the model; of those that overlap, the one with the greatest score',
        ),
        modelTransparency: transparency(it),
      },
    },
  };
}

/** A map explains the score of box A alone, and never adds up to the decision. */
function transparency(it: Explained['it']): Element {
  const { method, trust, finding, fallback, surrogate } = it;
  const sentences = [
    ...substitutes(it),
    ...(finding.positive && trust.deletion.area >= trust.random.area
      ? ['On this image the order of the map is no better than chance.']
      : []),
    `The map is of box A: ${method.shows.charAt(0).toLowerCase()}${method.shows.slice(1)}`,
    it.resolution,
  ];
  return given(
    sentences.join(' '),
    `${method.name} of the score of box A; the score of the finding is the greatest of all boxes${reasons(fallback, surrogate)}`,
  );
}

function measuresOf(
  { left, top, right, bottom, score }: DetectedBox,
  name: string,
  { PixelSpacing }: Volume,
): readonly Measure[] {
  const measure = (what: string, value: number, sentence: string, unit: Code = UNITS.one): Measure => ({
    name: `${what} of box ${name}`,
    value,
    unit,
    sentence,
  });
  const [row, column] = (PixelSpacing ?? []).map(Number);
  return [
    measure('Score', score, 'As the model gives it for this box.'),
    ...(row === undefined || column === undefined
      ? []
      : [
          measure('Width', (right - left) * column, 'In the plane of the image.', UNITS.mm),
          measure('Height', (bottom - top) * row, 'In the plane of the image.', UNITS.mm),
        ]),
  ];
}

function nothingFound(
  index: number,
  {
    finding,
    target,
    checks,
  }: {
    readonly finding: ClassificationFinding;
    readonly target: Target;
    readonly checks: readonly StudyCheck[];
  },
): FindingExplanation {
  const name = finding.label.label.toLowerCase();
  const nothing = absent('no box reaches the threshold');
  const nextStep = stepAt(finding.score, target.actions);
  return {
    finding: index,
    sentence: `The model marks no ${name}. It does not rule it out.`,
    regions: [],
    measures: [],
    ...(nextStep ? { nextStep } : {}),
    elements: {
      localization: nothing,
      visualRecognizability: nothing,
      physicalAttribution: nothing,
      modelTransparency: given(
        `The surest box has a score of ${finding.score.toFixed(2)}, under the threshold of ${finding.threshold.toFixed(2)}.`,
        'greatest score of all boxes',
      ),
      actionability: actionability({ finding, checks, decisive: undefined, nextStep }),
    },
  };
}
