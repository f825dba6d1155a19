import type { Recorder } from '../../server/audit/recorder.ts';
import type { ModelIdentity } from '../../server/contracts.ts';
import { log } from '../../server/shared/log.ts';
import { noteChangedPackages } from '../../server/wiring/changed-packages.ts';
import { openTables, type TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  log.level = 'fatal';
  database = await openTables();
  await done('same', '1.0.0', 'a', '2026-01-01');
  await done('exchanged', '1.0.0', 'a', '2026-01-01');
  await done('exchanged', '2.0.0', 'b', '2026-01-02');
  await done('again', '1.0.0', 'a', '2026-01-01');
  await done('again', '1.0.0', 'b', '2026-01-02');
  await done('waiting', '1.0.0', 'a', '2026-01-01', 'queued');
}, 120_000);
afterAll(() => database?.close());

let made = 0;
const done = (id: string, version: string, digest: string, at: string, state = 'done') =>
  database.sql.query(
    `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, model_digest, state, created_at)
      values ($1, '1.2', '1.2.3', 'f', 1, $2, $3, $4, $5, $6, $2)`,
    [`a${made++}`, at, id, version, digest, state],
  );

async function notedOf(id: string, version: string, digest: string): Promise<readonly unknown[]> {
  const noted: unknown[] = [];
  const recorder: Pick<Recorder, 'note'> = {
    note: ({ object, detail }) => void noted.push([object, detail]),
  };
  const identity = { id, version, digest } as ModelIdentity;
  await noteChangedPackages([{ identity, mode: 'clinical' }], { sql: database.sql, recorder });
  return noted;
}

test('files that are not those of the last result are told, once for each version', async () => {
  expect(await notedOf('exchanged', '1.0.0', 'c')).toEqual([
    ['exchanged', 'the files of exchanged@1.0.0 are not those that its last result came from'],
  ]);
});

test.each([
  ['the files are the same', 'same', '1.0.0', 'a'],
  ['the last result came from them', 'again', '1.0.0', 'b'],
  ['it is another version', 'exchanged', '3.0.0', 'c'],
  ['it gave no result yet', 'waiting', '1.0.0', 'b'],
  ['it is unknown', 'new', '1.0.0', 'a'],
])('nothing is told when %s', async (_, id, version, digest) => {
  expect(await notedOf(id, version, digest)).toEqual([]);
});
