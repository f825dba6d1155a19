import type { FigureQuery } from '../../../server/review/contract/figures.ts';
import type { CaseFilter, CaseQuery } from '../../../server/review/contract/worklist.ts';

/** Which page an address means. */
export type Route =
  | { readonly page: 'worklist'; readonly view?: string; readonly own?: Own }
  | { readonly page: 'case'; readonly analysis: string }
  | { readonly page: 'figures'; readonly query: Partial<FigureQuery> }
  | { readonly page: 'unknown' };

/** Filters that are not those of the view. */
export interface Own {
  readonly filter: CaseFilter;
  readonly order: CaseQuery['order'];
}

const ROOT = '/review';
const FIGURE_KEYS = ['model', 'version', 'finding', 'site', 'from', 'to'] as const;

export function routeOf(path: string, search: string): Route {
  const rest = path.replace(/\/+$/, '').slice(ROOT.length);
  const query = new URLSearchParams(search);
  if (rest === '') {
    const view = query.get('view');
    const own = ownOf(query.get('f'));
    return { page: 'worklist', ...(view ? { view } : {}), ...(own ? { own } : {}) };
  }
  const analysis = /^\/cases\/([0-9a-f]{32})$/.exec(rest)?.[1];
  if (analysis) return { page: 'case', analysis };
  if (rest !== '/figures') return { page: 'unknown' };
  const given = FIGURE_KEYS.flatMap((key) => {
    const value = query.get(key);
    return value ? [[key, value] as const] : [];
  });
  return { page: 'figures', query: Object.fromEntries(given) };
}

export function addressOf(route: Route): string {
  switch (route.page) {
    case 'worklist':
      return withQuery(ROOT, {
        view: route.view,
        f: route.own && JSON.stringify([route.own.order, route.own.filter]),
      });
    case 'case':
      return `${ROOT}/cases/${route.analysis}`;
    case 'figures':
      return withQuery(`${ROOT}/figures`, route.query);
    case 'unknown':
      return ROOT;
  }
}

function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set)}`;
}

/** An address may be cut or made by hand: then it says nothing. */
function ownOf(text: string | null): Own | undefined {
  try {
    const [order, filter] = JSON.parse(text ?? '') as [CaseQuery['order'], CaseFilter];
    return typeof order === 'string' && typeof filter === 'object' && filter ? { order, filter } : undefined;
  } catch {
    return undefined;
  }
}
