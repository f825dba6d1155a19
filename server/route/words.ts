import type { Verdict } from './condition.ts';
import type { Chosen, Ruling } from './rules.ts';
import { policyInWords } from './study.ts';

/** Why each rule did or did not match, clause by clause: a line each, for a terminal or a page. */
export function linesOf({ rules, barredBy, chosen }: Ruling): readonly string[] {
  const lines = rules.flatMap(({ name, comment, contact, matched, verdict }) => [
    `${matched ? 'matches' : verdict.untold ? 'cannot be told of one file' : 'does not match'}: ${name}${comment ? `, ${comment}` : ''}${contact ? ` (ask ${contact})` : ''}`,
    ...clauseLines(verdict, 1),
  ]);
  if (barredBy) return [...lines, `No model runs: rule ${barredBy} keeps all away.`];
  const untold = rules.filter(({ verdict }) => verdict.untold).map(({ name }) => name);
  const but =
    untold.length > 0
      ? [`Not known of one file: ${untold.join(', ')}. Try the whole study, or a folder of its files.`]
      : [];
  if (chosen.length === 0 && but.length > 0) return [...lines, ...but];
  if (chosen.length === 0) return [...lines, 'No model runs: no rule matches, and there is no otherwise.'];
  return [
    ...lines,
    ...chosen.map((c) => `Chosen: ${c.modelId}, ${c.priority}, by ${c.rule}${whenOf(c)}.`),
    ...but,
  ];
}

const whenOf = ({ study }: Chosen): string =>
  study ? `, which waits for the study: ${policyInWords(study)}; told here as if no more came` : '';

const HEADS = { all: 'all of', any: 'one of', none: 'none of' } as const;

function clauseLines(verdict: Verdict, depth: number): readonly string[] {
  const lead = `${'  '.repeat(depth)}${verdict.untold ? '?' : verdict.holds ? '✓' : '✗'} `;
  if (verdict.of === 'attribute') return [`${lead}${clauseOf(verdict)}`];
  return [`${lead}${HEADS[verdict.of]}`, ...verdict.parts.flatMap((part) => clauseLines(part, depth + 1))];
}

/** What kept a rule from matching, as half a sentence. */
export function reasonAgainst(verdict: Verdict): string {
  if (verdict.of === 'attribute')
    return verdict.holds ? `${verdict.keyword} is ${verdict.found}, which is excluded` : clauseOf(verdict);
  const deciding = verdict.untold
    ? verdict.parts.filter(({ untold }) => untold)
    : verdict.parts.filter(({ holds, untold }) => !untold && holds === (verdict.of === 'none'));
  return (verdict.of === 'any' ? deciding : deciding.slice(0, 1)).map(reasonAgainst).join('; and ');
}

const clauseOf = ({ keyword, found, wanted }: Verdict & { of: 'attribute' }): string =>
  `${keyword} is ${found}, wanted ${wanted}`;
