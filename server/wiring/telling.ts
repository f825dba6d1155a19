import type { Accepts } from '../models/accepts.ts';
import type { Attributes } from './attributes.ts';
import { type Decision, route } from './route.ts';
import { type Copied, type RuleFile, rule } from './rules.ts';
import { linesOf } from './words.ts';

/** Why each rule and each model did or did not take a series. */
export interface Telling {
  readonly SeriesInstanceUID: string;
  readonly rules: readonly string[];
  readonly decisions: readonly Decision[];
  /** Copies without identity that rules ask for. */
  readonly copies: readonly Copied[];
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
    copies: rules ? rule(rules, attributes).copies : [],
  }));

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

const inWords = (decision: Decision): string =>
  decision.run
    ? `${decision.modelId} runs (${decision.priority}): ${decision.why}`
    : `${decision.modelId} does not run: ${decision.why}`;
