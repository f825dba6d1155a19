import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyDetail, type Entry, type Event, GENESIS, OURSELVES } from '../../server/audit/entry.ts';
import { dicomMessage, fhirEvent } from '../../server/audit/messages.ts';
import type { ListOptions, Verification } from '../../server/audit/trail.ts';

const folder = mkdtempSync(join(tmpdir(), 'pellucid-audit-'));
let child: ChildProcess;
let calls = 0;

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
const waiting = new Map<number, (answer: Answer) => void>();

/** Calls the trail in its process. */
async function call(name: string, ...args: readonly unknown[]): Promise<unknown> {
  const id = ++calls;
  const { value, error } = await new Promise<Answer>((resolve) => {
    waiting.set(id, resolve);
    child.send({ id, call: name, args });
  });
  if (error !== undefined) throw new Error(error);
  return value;
}
const trail = {
  note: (event: Event) => call('note', event),
  list: (options: ListOptions) => call('list', options) as Promise<readonly Entry[]>,
  verify: () => call('verify') as Promise<Verification>,
  prune: (before: string, who: object) => call('prune', before, who),
};
const query = (statement: string) => call('query', statement);

beforeAll(async () => {
  child = fork('test/audit/trail-process.ts', [folder]);
  await once(child, 'message');
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  // A busy machine is slow, not wrong.
}, 240_000);
afterAll(async () => {
  child.disconnect();
  await once(child, 'exit');
  rmSync(folder, { recursive: true });
});

const ANN = { who: 'u1', whoName: 'Dr. Ann <b>' };
const read = { ...ANN, action: 'study-read', study: '1.2.3', outcome: 'done' } as const;

test('entries are a chain from the first on', async () => {
  await trail.note({ who: 'pellucid', whoName: 'pellucid', action: 'server-started', outcome: 'done' });
  await trail.note(read);
  await trail.note({
    ...ANN,
    action: 'refused',
    object: '/metrics',
    outcome: 'refused',
    detail: 'this needs admin',
  });
  const entries = await trail.list({ limit: 10 });
  expect(entries.map(({ seq, at, action }) => [seq, at.slice(0, 10), action])).toEqual([
    [1, '2026-01-02', 'server-started'],
    [2, '2026-01-03', 'study-read'],
    [3, '2026-01-04', 'refused'],
  ]);
  expect(entries[0]?.before).toBe(GENESIS);
  expect(entries[2]?.before).toBe(entries[1]?.hash);
  expect(await trail.verify()).toEqual({ entries: 3, head: entries[2]?.hash });
});

test('fifty at once come one after the other', async () => {
  await Promise.all(Array.from({ length: 50 }, (_, i) => trail.note({ ...read, object: String(i) })));
  expect(await trail.verify()).toMatchObject({ entries: 53 });
  expect((await trail.verify()).brokenAt).toBeUndefined();
});

test.each([
  ['changed', "update pellucid.audit set who = 'nobody' where seq = 2"],
  ['taken out', 'delete from pellucid.audit where seq = 2'],
  ['emptied', 'truncate pellucid.audit'],
])('no entry can be %s', async (_, statement) => {
  await expect(query(statement)).rejects.toThrow('append-only');
  expect(await trail.verify()).toMatchObject({ entries: 53 });
});

/** Somebody with all rights over the database. */
const force = async (statement: string): Promise<void> => {
  await query('alter table pellucid.audit disable trigger user');
  await query(statement);
  await query('alter table pellucid.audit enable trigger user');
};

test.each([
  [
    'a changed name',
    "update pellucid.audit set who_name = 'x' where seq = 20",
    "update pellucid.audit set who_name = 'Dr. Ann <b>' where seq = 20",
    20,
  ],
  [
    'a changed time',
    "update pellucid.audit set at = '1' || at where seq = 20",
    'update pellucid.audit set at = substr(at, 2) where seq = 20',
    20,
  ],
  [
    'an entry that was moved',
    'update pellucid.audit set seq = 1000 where seq = 20',
    'update pellucid.audit set seq = 20 where seq = 1000',
    20,
  ],
  ['a hash that was made to fit', "update pellucid.audit set hash = repeat('a', 64) where seq = 20", '', 20],
])('%s is found', async (_, change, undo, brokenAt) => {
  await force(change);
  expect(await trail.verify()).toMatchObject({ entries: 19, brokenAt });
  if (undo) {
    await force(undo);
    expect((await trail.verify()).brokenAt).toBeUndefined();
  }
});

test('retention takes what is old, says so, and leaves a chain', async () => {
  const [cut] = await trail.list({ after: 29, limit: 1 });
  await trail.prune((cut as Entry).at, ANN);
  const [first] = await trail.list({ limit: 1 });
  expect(first?.seq).toBe(30);
  expect(await trail.verify()).toMatchObject({ entries: 25 });
  expect((await trail.verify()).brokenAt).toBeUndefined();
  expect((await trail.list({ after: 53, limit: 9 }))[0]).toMatchObject({
    action: 'audit-pruned',
    detail: expect.stringMatching(/^29 entries up to 29, whose hash is [0-9a-f]{64}$/),
  });
});

const ENTRY: Entry = {
  ...read,
  seq: 7,
  at: '2026-01-03T00:00:00.000Z',
  object: 'a&b',
  before: 'x',
  hash: 'y',
};

test('as a DICOM audit message (PS3.15 A.5), well-formed XML', () => {
  const message = dicomMessage(ENTRY);
  const path = join(folder, 'message.xml');
  writeFileSync(path, message);
  const told = execFileSync('python3', [
    '-c',
    `import sys, xml.etree.ElementTree as e
r = e.parse(sys.argv[1]).getroot()
print(r.find('EventIdentification').get('EventActionCode'), r.find('EventIdentification/EventID').get('csd-code'),
  r.find('ActiveParticipant').get('UserName'), [o.get('ParticipantObjectID') for o in r.findall('ParticipantObjectIdentification')])`,
    path,
  ]).toString();
  expect(told.trim()).toBe("R 110103 Dr. Ann <b> ['1.2.3', 'a&b']");
});

const OURS = 'pellucid 110150 true';
test.each<[string, Partial<Entry>, readonly string[]]>([
  ['what a person did', {}, ['u1  true']],
  ['what the server did', { ...OURSELVES, action: 'server-started' }, [OURS]],
  [
    'a copy that went to another archive',
    { ...OURSELVES, action: 'copied', detail: copyDetail('images', 'research', '3 objects to 1.2: sent') },
    ['pellucid 110153,110150 true', 'research 110152 false'],
  ],
  [
    'an export to who asked for it',
    { action: 'exported', detail: 'registry rows' },
    ['u1  true', 'pellucid 110153,110150 false', 'u1 110152 false'],
  ],
])('the participants of %s', (_, change, wanted) => {
  const message = dicomMessage({ ...ENTRY, ...change });
  const found = [
    ...message.matchAll(/<ActiveParticipant UserID="([^"]*)".*?UserIsRequestor="(\w+)">(.*?)<\//g),
  ];
  expect(
    found.map(([, who, asked, roles]) => {
      const codes = [...(roles as string).matchAll(/csd-code="(\d+)"/g)].map(([, code]) => code);
      return `${who} ${codes.join()} ${asked}`;
    }),
  ).toEqual(wanted);
});

test('as a FHIR AuditEvent', () => {
  expect(fhirEvent(ENTRY)).toMatchObject({
    resourceType: 'AuditEvent',
    action: 'R',
    outcome: '0',
    recorded: ENTRY.at,
    agent: [{ requestor: true, who: { identifier: { value: 'u1' } } }],
    entity: [
      { what: { identifier: { value: 'urn:oid:1.2.3' } } },
      { what: { identifier: { value: 'a&b' } } },
    ],
  });
});
