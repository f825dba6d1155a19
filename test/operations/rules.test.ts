import { rulesPart } from '../../server/operations/rules.ts';
import { Fault } from '../../server/shared/fault.ts';
import { ruleEvents } from '../../server/wiring/noting.ts';

const SHA = 'c0ffee'.repeat(11).slice(0, 64);
const IN_FORCE = { path: '/etc/rules.yaml', sha256: SHA, count: 2, since: '2026-11-28T08:00:00.000Z' };

test('the page says which rules are in force since when', () => {
  const { text } = rulesPart(IN_FORCE);
  expect(text).toContain('2 rules of <code>/etc/rules.yaml</code> in force since 2026-11-28 08:00 UTC');
  expect(text).toContain(`title="${SHA}">c0ffeec0ffee<`);
  expect(text).not.toContain('refused');
  expect(rulesPart(undefined).text).toContain('There is no rule file');
});

test('of a file that is refused it says since when and why, and that the others stay', () => {
  const refused = { at: '2026-11-29T09:30:00.000Z', detail: '\nno key <b>models</b>' };
  const { text } = rulesPart({ ...IN_FORCE, refused });
  expect(text).toContain('refused since 2026-11-29 09:30 UTC; the rules before it stay in force');
  expect(text).toContain('<pre>no key &lt;b&gt;models&lt;/b&gt;</pre>');
  expect(text).toContain('in force since 2026-11-28 08:00 UTC');
});

test('the trail keeps which file by its hash, and why one was refused', () => {
  const noted: unknown[] = [];
  const recorder = {
    note: (event: unknown) => noted.push(event),
    studyRead: () => undefined,
    settled: async () => undefined,
  };
  const events = ruleEvents(recorder);
  events.onRead({ schema: 1, rules: [] } as never, IN_FORCE);
  events.onRefused(new Fault('RULES_INVALID', `\nno key models${'.'.repeat(2_000)}`), IN_FORCE);
  events.onRefused(new Fault('RULES_INVALID', 'it cannot be read'), { path: IN_FORCE.path });
  const common = { action: 'rules-changed', object: '/etc/rules.yaml' };
  expect(noted).toMatchObject([
    { ...common, outcome: 'done', detail: `0 rules are in force, SHA-256 ${SHA}` },
    { ...common, outcome: 'refused', detail: expect.stringMatching(`^SHA-256 ${SHA}: no key models[.]+$`) },
    { ...common, outcome: 'refused', detail: 'it cannot be read' },
  ]);
  expect((noted[1] as { detail: string }).detail).toHaveLength(1_000);
});
