import { useCallback, useMemo, useRef, useState } from 'react';
import { Boundary } from './components/boundary.tsx';
import { Head } from './components/head.tsx';
import { KeysHelp } from './components/keys-help.tsx';
import { Failure } from './components/notice.tsx';
import { type Desk, DeskProvider } from './desk.tsx';
import { useKeys } from './hooks/use-keys.ts';
import { useLoad } from './hooks/use-load.ts';
import { useOutbox } from './hooks/use-outbox.ts';
import { useRoute } from './hooks/use-route.ts';
import { session as askSession } from './lib/api.ts';
import type { Route } from './lib/route.ts';
import { CasePage } from './pages/case-page.tsx';
import { FiguresPage } from './pages/figures-page.tsx';
import { WorklistPage } from './pages/worklist-page.tsx';
import { STRINGS } from './strings.ts';

/** A message stands for this long. */
const SAID_MS = 12_000;

export function App() {
  const [route, go] = useRoute();
  const [load, again] = useLoad(askSession, []);
  const [said, say] = useSaid();
  const [isHelp, setHelp] = useState(false);
  const session = load.state === 'ready' ? load.value : undefined;
  const { waiting, send } = useOutbox(session, say);
  useKeys({ '?': () => setHelp(true) });
  const desk = useMemo<Desk | undefined>(
    () => session && { session, go, waiting, send, say, said },
    [session, go, waiting, send, say, said],
  );
  if (load.state === 'failed')
    return (
      <main className="rev-alone">
        <Failure fault={load.fault} again={again} />
      </main>
    );
  if (!desk) return <p className="rev-alone pel-t2">{STRINGS.loading}</p>;
  return (
    <DeskProvider value={desk}>
      <div className={`rev-app is-${route.page}`}>
        <Head page={route.page} onKeys={() => setHelp(true)} />
        <Boundary key={route.page === 'case' ? route.analysis : route.page}>
          <Page route={route} />
        </Boundary>
      </div>
      {isHelp && <KeysHelp onClose={() => setHelp(false)} />}
    </DeskProvider>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'worklist':
      return <WorklistPage route={route} />;
    case 'case':
      return <CasePage key={route.analysis} analysis={route.analysis} />;
    case 'figures':
      return <FiguresPage query={route.query} />;
    case 'unknown':
      return (
        <main className="rev-alone">
          <h1>{STRINGS.failed.unknown}</h1>
          <a href="/review">{STRINGS.failed.toWorklist}</a>
        </main>
      );
  }
}

function useSaid(): readonly [said: string | undefined, say: (words: string) => void] {
  const [said, setSaid] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const say = useCallback((words: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSaid(undefined), SAID_MS);
    setSaid(words);
  }, []);
  return [said, say];
}
