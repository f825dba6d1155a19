import { CODES, type Code, code, PRIVATE_SCHEME } from '../dicom/code.ts';
import type { Writable } from '../dicom/write.ts';
import type { FindingExplanation, Measure } from '../explanation.ts';
import { sha256 } from '../shared/digest.ts';
import { CONCEPTS, knownCode } from './concepts.ts';
import { codeValue, numberValue, textValue } from './content.ts';
import { label as asLabel, clip } from './text.ts';

const ELEMENTS = [
  'localization',
  'visualRecognizability',
  'physicalAttribution',
  'modelTransparency',
  'actionability',
] as const satisfies readonly (keyof FindingExplanation['elements'])[];

/** What a finding group says of its explanation: the five elements, what to do next, the measures of faithfulness, the deletion curve. */
export const explainedItems = (explained: FindingExplanation): readonly Writable[] => [
  ...ELEMENTS.flatMap((name) => elementItems(CODES[name], explained.elements[name])),
  ...recommendation(explained),
  ...explained.measures.flatMap(measureItems),
  ...deletionItem(explained),
];

const MODIFIER = { relationship: 'HAS CONCEPT MOD' } as const;

function elementItems(
  name: Code,
  element: FindingExplanation['elements'][keyof FindingExplanation['elements']],
): readonly Writable[] {
  if (element.state === 'absent') return [codeValue(name, CODES.notGiven), textValue(name, element.reason)];
  const method = textValue(CONCEPTS.measurementMethod, element.method, MODIFIER);
  return [codeValue(name, CODES.given, { children: [method] }), textValue(name, element.sentence)];
}

/** What the package asks for at this result, by code where it says one, and in words with who says so. */
const recommendation = ({ nextStep }: FindingExplanation): readonly Writable[] =>
  nextStep
    ? [
        ...(nextStep.code ? [codeValue(CONCEPTS.recommendation, nextStep.code)] : []),
        textValue(CONCEPTS.recommendation, `${nextStep.text} (${nextStep.source})`),
      ]
    : [];

/** A measure in words, then its number under a code whose meaning is the measure's name. */
const measureItems = ({ name, value, unit, sentence }: Measure): readonly Writable[] => [
  textValue(CODES.measure, `${name}: ${sentence}`),
  numberValue(knownCode(name) ?? measureCode(name), value, unit),
];

/** The curves in words that a program can read: what follows the colons are the scores, and from which value of the map on each step hides. */
const deletionItem = ({ deletion }: FindingExplanation): readonly Writable[] =>
  deletion
    ? [
        textValue(
          CODES.deletionCurve,
          [
            `Scores with 0 % to 100 % of the image ${deletion.hidden}`,
            `the strongest evidence first: ${listed(deletion.strongestFirst)}`,
            `in a random order: ${listed(deletion.randomOrder)}`,
            ...(deletion.hiddenFrom
              ? [`what is hidden has evidence above: ${told(deletion.hiddenFrom)}`]
              : []),
          ].join('; '),
        ),
      ]
    : [];

const listed = (scores: readonly number[]): string => scores.map((s) => s.toFixed(4)).join(' ');

/** A float32 needs nine digits. */
const told = (values: readonly (number | null)[]): string =>
  values.map((v) => (v === null ? '-' : String(Number(v.toPrecision(9))))).join(' ');

/** A Code Value of 16 characters that stays the same for the same name and tells long names apart. */
function measureCode(name: string): Code {
  const short = asLabel(name);
  const fits = name.length <= 16 && short !== 'RESULT';
  return code(
    fits ? short : `${short.slice(0, 9)}_${sha256(name).slice(0, 6).toUpperCase()}`,
    PRIVATE_SCHEME,
    clip(name, 64),
  );
}
