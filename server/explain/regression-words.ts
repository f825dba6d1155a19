import type { MeasurementFinding, Volume } from '../contracts.ts';
import { type Code, UNITS } from '../dicom/code.ts';
import type { Element, FindingExplanation, Measure, NextStep, StudyCheck } from '../explanation.ts';
import type { RegressionSpec } from '../models/schema.ts';
import { type Context, contextMeasures } from './anatomy.ts';
import { adviceAgainst } from './checks/reliance.ts';
import { HIDDEN, recognizability } from './classification-words.ts';
import { absent, given } from './element.ts';
import type { Evidence, Trust } from './evidence.ts';
import type { MethodFacts } from './methods/facts.ts';
import { type NearCase, nearestMeasures } from './nearest-cases.ts';
import { stepMethod, stepWords } from './next-step.ts';
import { placeOf } from './place.ts';
import { plainMeasure } from './plain-ground.ts';
import { sizeMeasures, sizeWords } from './region-size.ts';
import { reasons, reservations, substitutes } from './reservations.ts';

type Quantity = RegressionSpec['output']['targets'][number];

/** What is known of one value. */
export interface Reading {
  readonly finding: MeasurementFinding;
  readonly volume: Volume;
  readonly method: MethodFacts;
  readonly layer: string | number | undefined;
  /** At what resolution the model sees the image, in a sentence. */
  readonly resolution: string;
  readonly fallback?: string;
  readonly surrogate: string | null;
  readonly baseline: keyof typeof HIDDEN;
  readonly error: Quantity['error'];
  readonly actions: Quantity['actions'];
  readonly nextStep: NextStep | undefined;
  readonly regions: Evidence['regions'];
  readonly others: Evidence['others'];
  readonly trust: Trust;
  readonly nearest: readonly NearCase[] | undefined;
  readonly context: Context | undefined;
  /** Share of the evidence where the image shows nothing, 0..1; undefined without evidence. */
  readonly onPlain: number | undefined;
  readonly checks: readonly StudyCheck[];
  /** What the package says is misleading in the model's maps. */
  readonly caution: string | undefined;
}

/** Three digits. */
export const shown = (value: number): string => String(Number(value.toPrecision(3)));
const withUnit = (value: number, { value: unit }: Code): string => `${shown(value)} ${unit}`;

export const sentenceOf = ({ finding: { label, value, unit } }: Reading): string =>
  `${label.label}: ${withUnit(value, unit)}.`;

const NOTHING = 'no cell of the map raises the value';

export const elementsOf = (it: Reading): FindingExplanation['elements'] => ({
  localization: localization(it),
  visualRecognizability: recognizability(NOTHING, { ...it, region: it.regions[0] }),
  physicalAttribution: physicalAttribution(it),
  modelTransparency: transparency(it),
  actionability: actionability(it),
});

function localization(it: Reading): Element {
  const {
    volume,
    method,
    regions: [strongest],
  } = it;
  if (!strongest) return absent(NOTHING);
  const place = placeOf(strongest.region, volume);
  return given(
    [`What raises the value most lies in the ${place} (A).`, ...reservations(it)].join(' '),
    `${method.name}; cells above half its maximum`,
  );
}

function physicalAttribution({ finding, baseline, regions: [strongest] }: Reading): Element {
  if (!strongest) return absent(NOTHING);
  const without = withUnit(strongest.scoreWithout, finding.unit);
  return given(
    `With A ${HIDDEN[baseline]}, the value is ${without} instead of ${withUnit(finding.value, finding.unit)}. ${sizeWords(strongest)}`,
    `the model run again with A ${HIDDEN[baseline]}; the shares of the regions are exact Shapley values`,
  );
}

function transparency(it: Reading): Element {
  const { method, layer, fallback, surrogate, trust } = it;
  const sentences = [
    ...substitutes(it),
    ...(trust.deletion.area >= trust.random.area
      ? ['On this image the order of the map is no better than chance.']
      : []),
    method.exact ? 'The cells of the map add up exactly to the value.' : method.shows,
    it.resolution,
  ];
  return given(
    sentences.join(' '),
    `${method.name}${layer ? ` of ${layer}` : ''}${reasons(fallback, surrogate)}`,
  );
}

function actionability({ finding, error, checks, actions, nextStep }: Reading): Element {
  const { interval, unit } = finding;
  const advice = adviceAgainst(checks);
  const sentences = [
    ...advice,
    ...(interval
      ? [`95 of 100 values were within ${shown(interval[0])} to ${withUnit(interval[1], unit)}.`]
      : []),
    ...stepWords(nextStep, actions, interval),
  ];
  if (sentences.length === 0)
    return absent('the package does not say how far the value may be off, and names no next step for it');
  const method = [
    ...(advice.length > 0 ? ['checks of the image and the value'] : []),
    error ? `error measured on ${error.measuredOn}` : 'the package does not say how far the value may be off',
    stepMethod(nextStep),
  ];
  return given(sentences.join(' '), method.join('; '));
}

/** Shares in the value's unit: with that of the rest and the hidden picture they add up to the value. */
export function measuresOf({
  finding: { unit },
  regions,
  others,
  trust,
  baseline,
  context,
  onPlain,
  nearest,
}: Reading): readonly Measure[] {
  const measure = (name: string, value: number, sentence: string, of: Code = UNITS.one): Measure => ({
    name,
    value,
    unit: of,
    sentence,
  });
  return [
    ...regions.flatMap(({ region: { name }, shapley, scoreWithout, size, mean, extent }) => [
      measure(
        `Shapley value of region ${name}`,
        shapley,
        `What region ${name} adds to the value, over all orders of showing the regions.`,
        unit,
      ),
      measure(
        `Value without region ${name}`,
        scoreWithout,
        `The value of the image with region ${name} ${HIDDEN[baseline]}.`,
        unit,
      ),
      ...sizeMeasures(name, { size, mean, extent }),
    ]),
    ...(others
      ? [
          measure(
            'Shapley value of the rest',
            others.rest,
            'What the picture outside the regions adds to the value.',
            unit,
          ),
          measure(
            'Value with everything hidden',
            others.hidden,
            'With the Shapley values of the regions and of the rest it adds up to the value.',
            unit,
          ),
        ]
      : []),
    ...contextMeasures(context),
    ...plainMeasure(onPlain),
    ...nearestMeasures(nearest),
    ...(trust.occlusion === null
      ? []
      : [
          measure(
            'Agreement with occlusion',
            trust.occlusion,
            'Rank correlation with a map made without gradients: 1 agrees, 0 does not.',
          ),
        ]),
  ];
}
