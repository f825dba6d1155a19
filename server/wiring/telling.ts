import type { ModelDecision } from '../jobs/index.ts';
import { type Installed, keyOf } from '../models/installed.ts';
import type { Attributes } from '../route/attributes.ts';
import { type Copied, type RuleFile, rule } from '../route/rules.ts';
import { linesOf } from '../route/words.ts';
import { decideSeries } from './decide-study.ts';

/** Why each rule and each model does or does not take a series of a study. */
export interface Telling {
  readonly SeriesInstanceUID: string;
  readonly rules: readonly string[];
  readonly decisions: readonly ModelDecision[];
  /** Copies without identity that rules ask for. */
  readonly copies: readonly Copied[];
}

/** Decides the series of a study as the work does, as if no more of it came. Without `only` all are told of. */
export function tell(
  series: ReadonlyMap<string, Attributes>,
  {
    study,
    models,
    inForce,
    only = () => true,
  }: {
    readonly study: string;
    readonly models: readonly Installed[];
    readonly inForce: RuleFile | undefined;
    readonly only?: (attributes: Attributes) => boolean;
  },
): readonly Telling[] {
  const decided = decideSeries(series, { study, models, inForce });
  return [...series]
    .filter(([, attributes]) => only(attributes))
    .map(([SeriesInstanceUID, attributes]) => ({
      SeriesInstanceUID,
      rules: [
        ...(attributes.NumberOfSeriesRelatedInstances ? [] : [NOT_COUNTED]),
        ...(inForce ? linesOf(rule(inForce, attributes)) : [NO_RULES]),
      ],
      decisions: decided.get(SeriesInstanceUID) ?? [],
      copies: inForce ? rule(inForce, attributes).copies : [],
    }));
}

const NO_RULES = 'There are no rules: every model runs on all that it accepts.';
const NOT_COUNTED =
  'One image does not say how many its series has: no model is judged by that, and of a rule that asks for it nothing can be told.';

/** The same as lines for a terminal or a page. */
export const tellingLines = ({ SeriesInstanceUID, rules, decisions, copies }: Telling): readonly string[] => [
  `series ${SeriesInstanceUID}`,
  ...rules.map((line) => `  ${line}`),
  ...decisions.map((decision) => `  ${decision.run ? '→' : '–'} ${inWords(decision)}`),
  ...copies.map((copy) => `  → ${copyInWords(copy)}, by rule ${copy.rule}`),
];

/** `its images go to research without identity`. */
export const copyInWords = ({ target, results }: Copied): string =>
  `its images ${results ? 'and results ' : ''}go to ${target} without identity`;

const inWords = ({ model, run, why, shadow, ...decision }: ModelDecision): string => {
  if (!run) return `${keyOf(model)} does not run: ${why}`;
  const mode = shadow === undefined ? 'runs' : 'runs in shadow';
  const unseen = shadow === undefined ? '' : `; nothing of it is stored: ${shadow}`;
  return `${keyOf(model)} ${mode} (${howSoon(decision)}): ${why}${unseen}`;
};

/** `off-peak, from 19:00`. */
export const howSoon = ({
  priority = 'normal',
  notBefore,
}: Pick<ModelDecision, 'priority' | 'notBefore'>): string =>
  notBefore ? `${priority}, from ${notBefore.toTimeString().slice(0, 5)}` : priority;
