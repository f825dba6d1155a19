import { Failure } from '../components/notice.tsx';
import { useCaseEvents } from '../hooks/use-case-events.ts';
import { useLoad } from '../hooks/use-load.ts';
import { loadCase } from '../lib/api.ts';
import { STRINGS } from '../strings.ts';
import { CaseView } from './case-view.tsx';

/** One result on one screen. What changes on the server comes in place; what the reader has said stays. */
export function CasePage({ analysis }: { analysis: string }) {
  const [load, again] = useLoad((signal) => loadCase(analysis, signal), [analysis]);
  useCaseEvents(again);
  switch (load.state) {
    case 'loading':
      return <main className="rev-alone pel-t2">{STRINGS.loading}</main>;
    case 'failed':
      return (
        <main className="rev-alone">
          <Failure fault={load.fault} again={again} />
          <a href="/review">{STRINGS.failed.toWorklist}</a>
        </main>
      );
    case 'ready':
      return <CaseView shown={load.value} again={again} />;
  }
}
