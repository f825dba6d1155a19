import type { Figures } from '../contract/figures.ts';

type Said = Omit<Figures, 'titles'>;

/** Each chart's result in one plain sentence, from its values alone. */
export const titlesOf = (figures: Said): Record<string, string> => ({
  agreement: agreement(figures),
  weeks: weeks(figures),
  groups: groups(figures),
  drift: drift(figures),
  scores: scores(figures),
});

function agreement({ agreement: { k, n, share } }: Said): string {
  if (share === undefined) return 'Nothing has been judged yet';
  return `Readers agree with ${percent(share)} of the results (${k} of ${n})`;
}

function weeks({ weeks: all, baseline }: Said): string {
  if (!baseline) return 'Too few weeks to say what is usual';
  const outside = all.filter((week) => week.outside);
  if (outside.length === 0) return 'Discordance stayed within its limits';
  return `Discordance left its limits in ${count(outside.length, 'week')}: ${list(outside.map(({ week }) => week))}`;
}

function groups({ groups: all, agreement: { share } }: Said): string {
  if (share === undefined) return 'No groups to compare yet';
  const lower = differing(all, (group) => group < share);
  const higher = differing(all, (group) => group > share);
  if (lower.length + higher.length === 0) return 'No group differs from the mean by more than chance';
  return [
    ...(lower.length > 0 ? [`Agreement is lower for ${list(lower)}`] : []),
    ...(higher.length > 0
      ? [`${lower.length > 0 ? 'higher' : 'Agreement is higher'} for ${list(higher)}`]
      : []),
  ].join('; ');
}

const differing = (all: Said['groups'], is: (share: number) => boolean): readonly string[] =>
  Object.entries(all).flatMap(([part, list]) =>
    list
      .filter(({ differs, agreement: { share } }) => differs && share !== undefined && is(share))
      .map(({ name }) => `${part} ${name}`),
  );

function drift({ drift: all }: Said): string {
  const inputs = all.filter(({ name }) => name !== 'score');
  if (inputs.length === 0) return 'No inputs to compare yet';
  const act = inputs.filter(({ state }) => state === 'act').map(({ name }) => wordsOf(name));
  const watch = inputs.filter(({ state }) => state === 'watch').map(({ name }) => wordsOf(name));
  if (act.length > 0) return capital(`${list(act)} ${act.length > 1 ? 'have' : 'has'} drifted`);
  if (watch.length > 0) return capital(`${list(watch)} ${watch.length > 1 ? 'are' : 'is'} on watch`);
  return inputs.every(({ state }) => state === 'too few')
    ? 'Too few images to say whether they changed'
    : 'The images have not changed';
}

function scores({ drift: all }: Said): string {
  const score = all.find(({ name }) => name === 'score');
  switch (score?.state) {
    case undefined:
      return 'No scores to compare yet';
    case 'too few':
      return 'Too few scores to say whether they moved';
    case 'act':
      return 'The scores have moved';
    case 'watch':
      return 'The scores may be moving';
    case 'stable':
      return 'The scores have not moved';
  }
}

/** `pixelSpacing` → `pixel spacing`. */
export const wordsOf = (name: string): string => name.replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`);

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** At most four by name. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 4);
  if (names.length > 4) return `${shown.join(', ')} and ${names.length - 4} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? '');
}
