import { type Alert, watch } from '../../server/alerts/watch.ts';
import type { Analysis, Overview } from '../../server/jobs/index.ts';
import { Fault } from '../../server/shared/fault.ts';

const STUDY = '1.2.3.4.5';
const failed = (code: string, modelId = 'chest') =>
  ({
    state: 'failed',
    StudyInstanceUID: STUDY,
    modelId,
    modelVersion: '1.0.0',
    fault: { code, detail: `of ${STUDY}`, action: '' },
  }) as unknown as Analysis;

/** A site whose archive and queue are as the test says. */
function site() {
  const at = { now: 0, down: undefined as Fault | undefined, oldestS: 0, priority: 'normal' };
  const told: Alert[] = [];
  let hear: (analysis: Analysis) => void = () => undefined;
  const watching = watch({
    jobs: {
      onChange: (callback) => {
        hear = callback;
        return () => {
          hear = () => undefined;
        };
      },
      overview: async () =>
        ({ waiting: [{ priority: at.priority, count: 1, oldestS: at.oldestS }] }) as unknown as Overview,
    },
    archive: async () => {
      if (at.down) throw at.down;
    },
    waitingMs: 600_000,
    send: (alert) => told.push(alert),
    everyMs: 1_000_000,
    now: () => at.now,
  });
  afterAll(() => watching.stop());
  return { at, told, look: watching.look, stop: watching.stop, hear: (analysis: Analysis) => hear(analysis) };
}

describe('an operator is told once', () => {
  const it = site();
  const kinds = () => it.told.splice(0).map(({ kind, says }) => `${kind}: ${says}`);

  test('of what failed for good: at once, then together, with counts and never a study', async () => {
    it.hear(failed('PIXELS_UNSUPPORTED'));
    expect(kinds()).toEqual([
      'analyses-failed: Analyses failed for good: 1 × PIXELS_UNSUPPORTED by chest@1.0.0.',
    ]);
    for (let i = 0; i < 40; i++) it.hear(failed(i % 2 ? 'WORKER_TIMEOUT' : 'STORE_REFUSED'));
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
