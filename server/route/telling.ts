import type { Accepts } from '../models/accepts.ts';
import type { Attributes } from './attributes.ts';
import { type Decision, route } from './route.ts';
import { type RuleFile, rule } from './rules.ts';
import { linesOf } from './words.ts';

/** Why each rule and each model did or did not take a series. */
export interface Telling {
  readonly SeriesInstanceUID: string;
  readonly rules: readonly string[];
  readonly decisions: readonly Decision[];
}

export const tell = (
  series: ReadonlyMap<string, Attributes>,
  models: readonly { readonly id: string; readonly accepts: Accepts }[],
  rules: RuleFile | undefined,
): readonly Telling[] =>
  [...series].map(([SeriesInstanceUID, attributes]) => ({
    SeriesInstanceUID,
    rules: rules
      ? linesOf(rule(rules, attributes))
      : ['There are no rules: every model runs on all that it accepts.'],
    decisions: route(attributes, models, rules),
  }));

/** The same as lines for a terminal or a page. */
export const tellingLines = ({ SeriesInstanceUID, rules, decisions }: Telling): readonly string[] => [
  `series ${SeriesInstanceUID}`,
  ...rules.map((line) => `  ${line}`),
  ...decisions.map((decision) => `  ${decision.run ? '→' : '–'} ${inWords(decision)}`),
];

const inWords = (decision: Decision): string =>
  decision.run
    ? `${decision.modelId} runs (${decision.priority}): ${decision.why}`
    : `${decision.modelId} does not run: ${decision.why}`;
