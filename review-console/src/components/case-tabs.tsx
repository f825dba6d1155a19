import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { inAll } from '../../../ohif-extension/src/components/checks.tsx';
import type { Case } from '../../../server/review/contract/case.ts';
import { moment } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { To } from './head.tsx';
import { Icon } from './icon.tsx';
import { ReportTree } from './report-tree.tsx';

const { case: WORDS } = STRINGS;
const TABS = ['tree', 'checks', 'objects', 'provenance', 'earlier', 'model'] as const;
type Tab = (typeof TABS)[number];

interface Props {
  readonly shown: Case;
  readonly finding: number;
  readonly onIncident: () => void;
}

/** What stands behind the result, one question a tab. */
export function CaseTabs({ shown, finding, onIncident }: Props) {
  const [tab, setTab] = useState<Tab>('tree');
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length] as Tab;
    setTab(next);
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
    event.preventDefault();
  };
  return (
    <div className="rev-detail">
      <div className="rev-tabs" role="tablist" ref={list} onKeyDown={onKeyDown}>
        {TABS.map((id) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            aria-selected={id === tab}
            aria-controls="tab-panel"
            tabIndex={id === tab ? 0 : -1}
            onClick={() => setTab(id)}
          >
            {WORDS.tabs[id]}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys */}
      <div className="rev-tab" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {CONTENT[tab]({ shown, finding, onIncident })}
      </div>
    </div>
  );
}

const CONTENT: Readonly<Record<Tab, (props: Props) => ReactNode>> = {
  tree: ({ shown }) => <ReportTree item={shown.tree} />,
  checks: ({ shown, finding }) => <Checks of={shown.allFindings[finding]} />,
  objects: ({ shown }) => <Objects objects={shown.objects} />,
  provenance: ({ shown, onIncident }) => (
    <div className="in">
      <Facts facts={shown.provenance} />
      <div>
        <button type="button" className="pel-btn" onClick={onIncident}>
          <Icon name="warn" className="is-s" />
          {WORDS.incident}
        </button>
      </div>
    </div>
  ),
  earlier: ({ shown }) => <Earlier shown={shown} />,
  model: ({ shown: { modelFacts } }) => (
    <div className="in">
      <p>
        <b>{modelFacts.name}</b> {modelFacts.version}
      </p>
      <section>
        <h3>{WORDS.intendedUse}</h3>
        <p>{modelFacts.intendedUse}</p>
      </section>
      {modelFacts.limits.length > 0 && (
        <section>
          <h3>{WORDS.limits}</h3>
          <ul>
            {modelFacts.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>{WORDS.card}</h3>
        <div className="rev-card">{modelFacts.card}</div>
      </section>
    </div>
  ),
};

const ICONS = { passed: 'check', failed: 'stop', remark: 'info', absent: 'circle' } as const;

const Checks = ({ of }: { of: Case['allFindings'][number] | undefined }) => {
  const { checks = [], measures = [] } = of ?? {};
  if (checks.length + measures.length === 0) return <p className="in pel-t3">{WORDS.noChecks}</p>;
  return (
    <ul className="in pel-checks">
      {checks.length > 0 && (
        <li>
          <Icon name="info" />
          <b>{inAll(checks)}</b>
        </li>
      )}
      {checks.map(({ name, state, sentence }) => (
        <li key={name} className={`is-${state}`}>
          <Icon name={ICONS[state]} />
          <span>
            {sentence} <span className="pel-t3">({WORDS.checkStates[state]})</span>
          </span>
        </li>
      ))}
      {measures.map(({ name, sentence }) => (
        <li key={name} title={name}>
          <Icon name="near" />
          <span>{sentence}</span>
        </li>
      ))}
    </ul>
  );
};

const Objects = ({ objects }: { objects: Case['objects'] }) => (
  <ul className="in rev-objects">
    {objects.map(({ kind, SOPInstanceUID, state, words }) => (
      <li key={SOPInstanceUID} className={`is-${state}`}>
        <Icon name={state === 'valid' ? 'check' : 'stop'} />
        <span>
          <b>{kind}</b> {words}
        </span>
        <span>{WORDS.objectStates[state]}</span>
        <code className="pel-code">{SOPInstanceUID}</code>
      </li>
    ))}
  </ul>
);

const Facts = ({ facts }: { facts: Case['provenance'] }) => (
  <dl className="pel-kv rev-facts">
    {facts.map(({ name, value }) => (
      <div key={name} className="pel-pair">
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

const Earlier = ({ shown: { earlier, priors } }: { shown: Case }) => (
  <div className="in">
    <section>
      <h3>{WORDS.earlierResults}</h3>
      {earlier.length === 0 && <p className="pel-t3">{WORDS.noEarlier}</p>}
      <ul className="rev-earlier">
        {earlier.map(({ analysis, model, version, state, sentence, at }) => (
          <li key={analysis}>
            <Icon name="circle" />
            <span>
              <To route={{ page: 'case', analysis }}>
                {model} {version}
              </To>{' '}
              {sentence}
            </span>
            <span className="pel-t3">{state}</span>
            <span className="more">{moment(at)}</span>
          </li>
        ))}
      </ul>
    </section>
    <section>
      <h3>{WORDS.priors}</h3>
      {priors.length === 0 && <p className="pel-t3">{WORDS.noPriors}</p>}
      <ul className="rev-earlier">
        {priors.map(({ StudyInstanceUID, sentence, at }) => (
          <li key={StudyInstanceUID}>
            <Icon name="circle" />
            <span>{sentence}</span>
            <a href={`/viewer?StudyInstanceUIDs=${StudyInstanceUID}`} target="_blank" rel="noopener">
              {WORDS.ohifShort}
            </a>
            <span className="more">{moment(at)}</span>
          </li>
        ))}
      </ul>
    </section>
  </div>
);
