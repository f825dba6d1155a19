import { type Alert, watch } from '../../server/alerts/watch.ts';
import type { Analysis, Overview } from '../../server/jobs/index.ts';
import { Fault } from '../../server/shared/fault.ts';

const STUDY = '1.2.3.4.5';
const failed = (code: string, at: number) =>
  ({
    state: 'failed',
    updatedAt: new Date(at).toISOString(),
    StudyInstanceUID: STUDY,
    modelId: 'chest',
    modelVersion: '1.0.0',
    fault: { code, detail: `of ${STUDY}`, action: '' },
  }) as unknown as Analysis;

/** A site whose archive and queue are as the test says. */
function site() {
  const at = {
    now: 0,
    down: undefined as Fault | undefined,
    oldestS: 0,
    priority: 'normal',
    failed: [] as Analysis[],
    rulesRefused: undefined as string | undefined,
  };
  const told: Alert[] = [];
  const watching = watch({
    jobs: {
      overview: async () =>
        ({
          waiting: [{ priority: at.priority, count: 1, oldestS: at.oldestS }],
          failed: at.failed,
        }) as unknown as Overview,
    },
    archive: async () => {
      if (at.down) throw at.down;
    },
    rulesRefused: async () => at.rulesRefused,
    waitingMs: 600_000,
    send: (alert) => told.push(alert),
    everyMs: 1_000_000,
    now: () => at.now,
  });
  afterAll(() => watching.stop());
  return { at, told, look: watching.look };
}

describe('an operator is told once', () => {
  const it = site();
  const kinds = () => it.told.splice(0).map(({ kind, says }) => `${kind}: ${says}`);

  test('of what failed for good: at once, then together, with counts and never a study', async () => {
    it.at.now = 1_000;
    // What failed before the server started was told then.
    it.at.failed = [failed('PIXELS_UNSUPPORTED', 900), failed('STORE_REFUSED', -5)];
    await it.look();
    await it.look();
    expect(kinds()).toEqual([
      'analyses-failed: Analyses failed for good: 1 × PIXELS_UNSUPPORTED by chest@1.0.0.',
    ]);
    const more = Array.from({ length: 40 }, (_, i) =>
      failed(i % 2 ? 'WORKER_TIMEOUT' : 'STORE_REFUSED', 2_000 + i),
    );
    it.at.failed = [...more, ...it.at.failed];
    it.at.now = 3_000;
    await it.look();
    expect(kinds()).toEqual([]);
    it.at.now = 16 * 60_000;
    await it.look();
    const [alert] = it.told;
    expect(kinds()).toEqual([
      'analyses-failed: Analyses failed for good: 20 × STORE_REFUSED by chest@1.0.0, 20 × WORKER_TIMEOUT by chest@1.0.0.',
    ]);
    expect(alert?.action).toContain('The archive refused an object');
    expect(JSON.stringify(alert)).not.toContain(STUDY);
  });
});

describe('an archive', () => {
  const it = site();
  test('that misses one look is not down; of one that is, and that it is back, each once', async () => {
    const down = new Fault('ARCHIVE_UNREACHABLE', 'GET http://name:secret@archive: ECONNREFUSED');
    const seen: string[][] = [];
    for (const now of [down, undefined, down, down, down, undefined, undefined]) {
      it.at.down = now;
      await it.look();
      seen.push(it.told.splice(0).map(({ says }) => says));
    }
    expect(seen).toEqual([
      [],
      [],
      [],
      ['The archive does not answer: ARCHIVE_UNREACHABLE.'],
      [],
      ['The archive answers again; work goes on by itself.'],
      [],
    ]);
  });
});

describe('a queue', () => {
  const it = site();
  test.each([
    ['normal', 599, []],
    ['normal', 601, ['queue-stopped']],
    ['normal', 700, []],
    ['normal', 0, ['queue-moves']],
    ['off-peak', 50_000, []],
    ['backfill', 50_000, []],
    ['urgent', 50_000, ['queue-stopped']],
  ])('whose oldest %s analysis has waited for %i s: %j', async (priority, oldestS, kinds) => {
    it.at.priority = priority;
    it.at.oldestS = oldestS;
    await it.look();
    expect(it.told.splice(0).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('a rule file', () => {
  const it = site();
  test('that is refused is told once, another that is refused too, and that one is in force', async () => {
    const seen: string[][] = [];
    for (const since of [undefined, 'monday', 'monday', 'tuesday', undefined, undefined]) {
      it.at.rulesRefused = since;
      await it.look();
      seen.push(it.told.splice(0).map(({ kind }) => kind));
    }
    expect(seen).toEqual([[], ['rules-refused'], [], ['rules-refused'], ['rules-read'], []]);
  });
});
