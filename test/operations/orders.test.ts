import { STATES } from '../../server/contracts.ts';
import { overviewOf } from '../../server/jobs/overview.ts';
import type { ModelLine } from '../../server/operations/page.ts';
import { orders } from '../../server/operations/parts.ts';
import { waiting } from '../../server/operations/waiting.ts';
import { openTables } from '../helpers/database.ts';
import { madeAnalysis } from '../helpers/made-jobs.ts';

const line = (id: string, version: string, mode: ModelLine['mode'] = 'clinical'): ModelLine => ({
  id,
  version,
  mode,
  name: id,
  why: '',
});
const INSTALLED = [
  line('a', '1.0.0'),
  line('a', '2.0.0', 'shadow'),
  line('b', '1.0.0'),
  line('c', '1.0.0', 'disabled'),
];
/** The verbs that an analysis offers, and by which models. */
const offered = (over: Parameters<typeof madeAnalysis>[0], installed = INSTALLED) => {
  const text =
    orders(madeAnalysis({ id: 'x', modelId: 'a', modelVersion: '1.0.0', ...over }), installed)?.text ?? '';
  return [
    ...[...text.matchAll(/action="\/api\/analyses\/x\/(\w+)"/g)].map(([, verb]) => verb),
    ...[...text.matchAll(/<option value="([^"]+)"( selected)?/g)].map(
      ([, key, chosen]) => key + (chosen ?? ''),
    ),
  ];
};

test.each(STATES)('an analysis that is %s offers what its state allows', (state) => {
  const expected: Record<string, readonly string[]> = {
    failed: ['retry', 'cancel'],
    cancelled: ['retry'],
    done: ['rerun', 'a@1.0.0 selected', 'a@2.0.0'],
    skipped: ['rerun', 'a@1.0.0 selected', 'a@2.0.0'],
    storing: [],
    superseded: [],
  };
  expect(offered({ state })).toEqual(expected[state] ?? ['cancel']);
});

test('a series that no model read is offered to all but what was stopped', () => {
  const skipped = { state: 'skipped', modelId: null, modelVersion: null };
  expect(offered(skipped)).toEqual(['rerun', 'a@1.0.0', 'a@2.0.0', 'b@1.0.0']);
  expect(offered(skipped, [])).toEqual([]);
});

test('what waits is listed in the order in which it is taken, each with its button', async () => {
  const tables = await openTables();
  await tables.sql.query(
    `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, state, priority, parked, created_at)
      select 'q' || i, '1.2.' || i, '1.2.3.' || i, 'a', 1, '2026-11-28', 'chest', '1.0.0', 'queued',
        case i when 12 then 'urgent' else 'normal' end, case i when 1 then 'the operator disabled it' end, '2026-11-28T00:00:' || lpad(i::text, 2, '0')
      from generate_series(1, 12) as i`,
  );
  const overview = await overviewOf(tables.sql);
  await tables.close();
  const page = (mayAct: boolean) => waiting(overview, mayAct, new Date()).text;
  const order = (text: string) => [...text.matchAll(/studies\/1\.2\.(\d+)"/g)].map(([, i]) => Number(i));
  expect(order(page(true))).toEqual([12, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(page(true).match(/\/cancel"/g)).toHaveLength(10);
  expect(page(true)).toContain('skip=10">2 more</a>');
  expect(page(false)).not.toContain('<button');
});
