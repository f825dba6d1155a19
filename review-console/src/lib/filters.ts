import type { CaseFilter, FilterValues, PlanState } from '../../../server/review/contract/worklist.ts';
import { STRINGS } from '../strings.ts';
import { two } from './words.ts';

const { filters: WORDS } = STRINGS;

type Key = keyof CaseFilter;

/** What one line of the filters sets. */
export interface FilterLine {
  readonly id: string;
  readonly name: string;
  readonly keys: readonly Key[];
  readonly kind:
    | { readonly of: 'choices'; readonly key: ListKey; readonly choices: readonly Choice[] }
    | {
        readonly of: 'yes-no';
        readonly key: YesNoKey;
        readonly words: readonly [string, string];
      }
    | {
        readonly of: 'range';
        readonly from: RangeKey;
        readonly to: RangeKey;
        readonly max: number;
        readonly step: number;
      }
    | { readonly of: 'near' }
    | { readonly of: 'days' };
}
export type ListKey =
  | 'state'
  | 'model'
  | 'version'
  | 'finding'
  | 'scanner'
  | 'site'
  | 'sex'
  | 'plan'
  | 'reviewer';
type YesNoKey = 'positive' | 'flagged' | 'sampled' | 'mine';
export type RangeKey = 'scoreFrom' | 'scoreTo' | 'ageFrom' | 'ageTo';
export interface Choice {
  readonly value: string;
  readonly name: string;
}

export const DAYS = [1, 7, 14, 30, 90] as const;
export const DISTANCES = [0.05, 0.1, 0.2] as const;

/** In the order of the rail. */
export function filterLines(
  values: FilterValues | undefined,
  plans: readonly PlanState[],
): readonly FilterLine[] {
  const named = (words: Readonly<Record<string, string>>): readonly Choice[] =>
    Object.entries(words).map(([value, name]) => ({ value, name }));
  const same = (list: readonly string[] = []): readonly Choice[] =>
    list.map((value) => ({ value, name: value }));
  const choices = (key: ListKey, name: string, of: readonly Choice[]): FilterLine => ({
    id: key,
    name,
    keys: [key],
    kind: { of: 'choices', key, choices: of },
  });
  const yesNo = (
    key: YesNoKey,
    name: string,
    { yes, no }: Readonly<Record<'yes' | 'no', string>>,
  ): FilterLine => ({
    id: key,
    name,
    keys: [key],
    kind: { of: 'yes-no', key, words: [yes, no] },
  });
  const versions = [...new Set(values?.models.flatMap((m) => m.versions))];
  return [
    choices('state', WORDS.state, named(WORDS.states)),
    choices('model', WORDS.model, same(values?.models.map((m) => m.id))),
    choices('version', WORDS.version, same(versions)),
    choices('finding', WORDS.finding, same(values?.findings)),
    yesNo('positive', WORDS.positive, WORDS.positives),
    {
      id: 'score',
      name: WORDS.score,
      keys: ['scoreFrom', 'scoreTo'],
      kind: { of: 'range', from: 'scoreFrom', to: 'scoreTo', max: 1, step: 0.01 },
    },
    { id: 'near', name: WORDS.near, keys: ['nearThreshold'], kind: { of: 'near' } },
    yesNo('flagged', WORDS.flagged, WORDS.flags),
    choices('scanner', WORDS.scanner, same(values?.scanners)),
    choices('site', WORDS.site, same(values?.sites)),
    {
      id: 'age',
      name: WORDS.age,
      keys: ['ageFrom', 'ageTo'],
      kind: { of: 'range', from: 'ageFrom', to: 'ageTo', max: 90, step: 1 },
    },
    choices('sex', WORDS.sex, named(WORDS.sexes)),
    choices(
      'plan',
      WORDS.plan,
      plans.map(({ id, name }) => ({ value: id, name })),
    ),
    yesNo('sampled', WORDS.sampled, WORDS.sampledWords),
    yesNo('mine', WORDS.mine, WORDS.mineWords),
    choices('reviewer', WORDS.reviewer, [
      { value: 'me', name: WORDS.me },
      { value: 'nobody', name: WORDS.nobody },
      ...(values?.readers.map(({ subject, name }) => ({ value: subject, name })) ?? []),
    ]),
    { id: 'date', name: WORDS.date, keys: ['from', 'to'], kind: { of: 'days' } },
  ];
}

/** What a line is set to, in few words; undefined: to nothing. */
export function saidOf({ kind }: FilterLine, filter: CaseFilter, now: number): string | undefined {
  switch (kind.of) {
    case 'choices': {
      const set: readonly string[] | undefined = filter[kind.key];
      const names = set?.map((value) => kind.choices.find((c) => c.value === value)?.name ?? value);
      return names?.join(', ') || undefined;
    }
    case 'yes-no': {
      const set = filter[kind.key];
      return set === undefined ? undefined : kind.words[set ? 0 : 1];
    }
    case 'range': {
      const [from, to] = [filter[kind.from], filter[kind.to]];
      if (from === undefined && to === undefined) return undefined;
      const say = (value: number): string => (kind.max === 1 ? two(value) : String(value));
      return `${from === undefined ? '' : say(from)}–${to === undefined ? '' : say(to)}`;
    }
    case 'near':
      return filter.nearThreshold === undefined ? undefined : `± ${two(filter.nearThreshold)}`;
    case 'days':
      return filter.from === undefined ? undefined : WORDS.days(daysSince(filter.from, now));
  }
}

export const daysSince = (from: string, now: number): number =>
  Math.max(1, Math.round((now - Date.parse(from)) / 86_400_000));

/** Takes keys out where the value is undefined, so that what filters nothing is not there. */
export function withFilter(
  filter: CaseFilter,
  change: { readonly [K in Key]?: CaseFilter[K] | undefined },
): CaseFilter {
  const all = { ...filter, ...change };
  return Object.fromEntries(
    Object.entries(all).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  ) as CaseFilter;
}

export const setCount = (lines: readonly FilterLine[], filter: CaseFilter): number =>
  lines.filter(({ keys }) => keys.some((key) => filter[key] !== undefined)).length;
