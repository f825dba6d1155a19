import type { FigureQuery } from '../../../server/review/contract/figures.ts';

export const FiguresPage = ({ query }: { query: Partial<FigureQuery> }) => <main>{query.model}</main>;
