import { renderToStaticMarkup } from 'react-dom/server';
import { Assess } from '../../ohif-extension/src/components/assess.tsx';
import type { Desk } from '../../ohif-extension/src/hooks/use-assessing.ts';
import { draftOf, keepDraft, useDraft } from '../../ohif-extension/src/hooks/use-draft.ts';
import { askBeforeLeaving } from '../../ohif-extension/src/lib/leaving.ts';

const nothing = () => undefined;
const DESK: Desk = {
  signer: { person: 'Jane Sample', reasons: ['falsePositive', 'other'] },
  unsigned: undefined,
  correction: { correcting: undefined, begin: () => true, end: nothing, take: nothing, resize: nothing },
  assessing: { state: 'idle' },
  draft: undefined,
  write: nothing,
  choose: nothing,
  cancel: nothing,
  sign: nothing,
};

test('a verdict says that it is for all findings of the result, on each button too', () => {
  const html = renderToStaticMarkup(<Assess desk={DESK} label="Nodule 7" count={40} server="" />);
  const [, id] = /<p class="pel-hint" id="([^"]+)">For all 40 findings of this result<\/p>/.exec(html) ?? [];
  expect(html.split(`aria-describedby="${id}"`)).toHaveLength(4);
  expect(renderToStaticMarkup(<Assess desk={DESK} label="Pneumonia" count={1} server="" />)).not.toContain(
    'For all',
  );
});

test('what was chosen and written of a report is there again when the panel comes back, and no other report has it', () => {
  const draft = { verdict: 'rejected', reason: 'other', note: 'a rib' } as const;
  const Panel = ({ report }: { report: string }) => {
    const kept = useDraft(report);
    return (
      <Assess
        desk={{
          ...DESK,
          draft: kept,
          assessing: kept ? { state: 'choosing', verdict: kept.verdict } : { state: 'idle' },
        }}
        label="Pneumonia"
        count={1}
        server=""
      />
    );
  };
  inPage(() => {
    keepDraft('1.2', draft);
    const html = renderToStaticMarkup(<Panel report="1.2" />);
    expect(html).toContain('<option value="other" selected="">Other</option>');
    expect(html).toContain('value="a rib"');
    expect(renderToStaticMarkup(<Panel report="1.3" />)).not.toContain('pel-signing');
    keepDraft('1.2');
    expect(renderToStaticMarkup(<Panel report="1.2" />)).not.toContain('pel-signing');
  });
});

test('leaving asks while a reason or a note is not signed, once for all there is; what is left so is gone', () => {
  inPage(({ closes, leaves, asked }) => {
    keepDraft('1.2', { verdict: 'accepted', reason: '', note: '' });
    expect([closes(), leaves('yes'), asked]).toEqual([true, true, []]);
    keepDraft('1.2', { verdict: 'accepted', reason: '', note: 'as last year' });
    keepDraft('1.3', { verdict: 'rejected', reason: 'other', note: '' });
    const stop = askBeforeLeaving('Your correction is not saved.');
    expect([closes(), leaves('no')]).toEqual([false, false]);
    expect(draftOf('1.2')?.note).toBe('as last year');
    stop();
    expect([closes(), leaves('yes')]).toEqual([false, true]);
    expect([draftOf('1.2'), draftOf('1.3'), closes()]).toEqual([undefined, undefined, true]);
    expect(asked).toEqual([
      'Your assessment is not signed. Leave and lose it?\nYour correction is not saved.',
      'Your assessment is not signed. Leave and lose it?',
    ]);
  });
});

/** As far as a page is asked whether it may be left. */
function inPage(
  act: (page: {
    /** Whether the browser lets it go unasked. */
    closes(): boolean;
    /** Whether the viewer goes back to its list, where it asks with this answer. */
    leaves(answer: 'yes' | 'no'): boolean;
    readonly asked: readonly string[];
  }) => void,
): void {
  const [page, wayOut, asked] = [new EventTarget(), new EventTarget(), [] as string[]];
  let says = '';
  const had = new Map<string, unknown>();
  const global = globalThis as Record<string, unknown>;
  const closest = () => wayOut;
  const given = {
    document: wayOut,
    Element: EventTarget,
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
    confirm: (question: string) => asked.push(question) > 0 && says === 'yes',
  };
  for (const [name, value] of Object.entries(given)) {
    had.set(name, global[name]);
    global[name] = value;
  }
  Object.assign(wayOut, { closest });
  try {
    act({
      closes: () => page.dispatchEvent(new Event('beforeunload', { cancelable: true })),
      leaves: (answer) => {
        says = answer;
        return wayOut.dispatchEvent(new Event('click', { cancelable: true }));
      },
      asked,
    });
  } finally {
    for (const [name, value] of had) global[name] = value;
  }
}
