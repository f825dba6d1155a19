import type { Live, LiveAnalysis } from '../hooks/use-live.ts';
import { useNow } from '../hooks/use-now.ts';
import { STRINGS } from '../strings.ts';
import { LogIn } from './log-in.tsx';
import { LookAgain } from './look-again.tsx';
import { Notice } from './notice.tsx';

/** States in which there is nothing to say beside the result itself. */
const QUIET = ['done', 'superseded', 'skipped', 'cancelled'];

interface Props {
  readonly server: string | null;
  readonly live: Live;
  readonly again: () => void;
  /** Undefined where the reader may not. */
  readonly runAgain: ((failed: LiveAnalysis) => void) | undefined;
}

/** What our server is doing with this study: at work since when, or failed and what to do; or that it is away. */
export function LiveState({ server, live, again, runAgain }: Props) {
  const shown = live.state === 'here' ? live.analyses.filter(({ state }) => !QUIET.includes(state)) : [];
  const now = useNow(isAtWork(live));
  if (live.state === 'away' || live.state === 'signed-out') {
    const { title, text } = STRINGS.live[live.state];
    return (
      <Notice kind="warn" title={title}>
        <span>{text}</span>
        {live.state === 'signed-out' && (
          <span>
            <LogIn server={server} /> <LookAgain onClick={again} />
          </span>
        )}
      </Notice>
    );
  }
  return shown.map((analysis) =>
    analysis.state === 'failed' ? (
      <Notice key={analysis.id} kind="stop" title={STRINGS.live.failed(nameOf(analysis))}>
        <span>{STRINGS.live.readAsUsual}</span>
        <span>{analysis.fault?.action}</span>
        <span className="pel-code">{analysis.fault?.code}</span>
        {runAgain && analysis.modelId && (
          <button type="button" className="pel-btn" onClick={() => runAgain(analysis)}>
            {STRINGS.demand.again}
          </button>
        )}
      </Notice>
    ) : (
      <Notice key={analysis.id} kind="info" title={STRINGS.live.running(nameOf(analysis))}>
        <span data-testid="pel-running">
          {STRINGS.live.since(
            wordOf(analysis.state),
            Math.max(0, Math.round((now - Date.parse(analysis.createdAt)) / 1000)),
          )}
        </span>
      </Notice>
    ),
  );
}

/** The models that are working on this study now. */
export const runningOf = (live: Live): readonly string[] =>
  live.state === 'here'
    ? live.analyses.filter(({ state }) => state !== 'failed' && !QUIET.includes(state)).map(nameOf)
    : [];

/** Whether a model is working on this study now. */
export const isAtWork = (live: Live): boolean => runningOf(live).length > 0;

/** Why no model ran, a line each. */
export const Skipped = ({ live }: { live: Live }) =>
  live.state === 'here' &&
  [...new Set(live.analyses.filter(({ state }) => state === 'skipped').map(reasonOf))].map((reason) => (
    <span key={reason}>{reason}</span>
  ));

const reasonOf = ({ modelId, reason }: LiveAnalysis): string =>
  modelId ? `${modelId}: ${reason ?? ''}` : (reason ?? '');

const nameOf = ({ modelId, modelVersion }: LiveAnalysis): string =>
  [modelId, modelVersion].filter(Boolean).join(' ');

const wordOf = (state: string): string => {
  const words: Readonly<Record<string, string>> = STRINGS.live.states;
  return words[state] ?? state;
};
