import { type FormEvent, useState } from 'react';
import type { IncidentState, ModelSwitch } from '../../../server/review/contract/acts.ts';
import type { Figures } from '../../../server/review/contract/figures.ts';
import { useDesk } from '../desk.tsx';
import { asFault, useLoad } from '../hooks/use-load.ts';
import {
  type ApiFault,
  incidents as askIncidents,
  closeIncident,
  incidentPackage,
  modelSwitches,
  restartModel,
  stopModel,
} from '../lib/api.ts';
import { moment } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { To } from './head.tsx';
import { Icon } from './icon.tsx';
import { Failure } from './notice.tsx';
import { CompareVersions, TryThreshold } from './what-if.tsx';

const { act: WORDS, incident: INCIDENT } = STRINGS;

/** What follows from the figures. None of it is done by looking. */
export function Acts({ figures }: { figures: Figures }) {
  return (
    <section className="pel-no-print rev-acts" aria-label={WORDS.title}>
      <h2 className="rev-h2">{WORDS.title}</h2>
      <div className="rev-g2">
        <TryThreshold key={`${figures.model} ${figures.finding}`} figures={figures} />
        <CompareVersions key={figures.model} figures={figures} />
        <StopSwitch model={figures.model} />
        <Incidents />
      </div>
    </section>
  );
}

function StopSwitch({ model }: { model: string }) {
  const { session, say } = useDesk();
  const [load, again] = useLoad(modelSwitches, []);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<ApiFault>();
  const ours = load.state === 'ready' ? load.value.models.filter(({ id }) => id === model) : [];
  const isStopped = ours.length > 0 && ours.every(({ mode }) => mode === 'disabled');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    (isStopped ? restartModel : stopModel)(model, reason.trim()).then(
      () => {
        setReason('');
        setFault(undefined);
        say(isStopped ? WORDS.restartedNow : WORDS.stoppedNow);
        again();
      },
      (error) => setFault(asFault(error)),
    );
  };
  return (
    <section className="rev-box">
      <h2>{WORDS.stop}</h2>
      <p className="cap">{WORDS.stopText}</p>
      {load.state === 'failed' && <Failure fault={load.fault} again={again} />}
      {ours.map((one) => (
        <p key={one.version} className="rev-mode">
          <Icon name={one.mode === 'disabled' ? 'stop' : 'done'} className="is-s" />
          <span>
            <b>{one.version}</b> {modeWords(one)}
          </span>
        </p>
      ))}
      {session.role === 'admin' ? (
        <form className="rev-line" onSubmit={onSubmit}>
          <label>
            {WORDS.reason}
            <input
              className="pel-field"
              required
              minLength={3}
              maxLength={500}
              value={reason}
              onChange={(e) => setReason(e.currentTarget.value)}
            />
          </label>
          <button
            type="submit"
            className={`pel-btn ${isStopped ? '' : 'is-stop'}`}
            disabled={ours.length === 0}
          >
            {isStopped ? WORDS.restartModel : WORDS.stopModel}
          </button>
        </form>
      ) : (
        <p className="pel-t3">{WORDS.adminOnly}</p>
      )}
      {fault && <Failure fault={fault} />}
    </section>
  );
}

const modeWords = ({ mode, why }: ModelSwitch): string =>
  mode === 'disabled' ? WORDS.stoppedBecause(why) : mode === 'shadow' ? WORDS.shadow : WORDS.runs;

function Incidents() {
  const [load, again] = useLoad(askIncidents, []);
  const incidents = load.state === 'ready' ? load.value.incidents : [];
  return (
    <section className="rev-box">
      <h2>{INCIDENT.list}</h2>
      {load.state === 'failed' && <Failure fault={load.fault} again={again} />}
      {load.state === 'ready' && incidents.length === 0 && <p className="pel-t3">{INCIDENT.none}</p>}
      <ul className="rev-incidents">
        {incidents.map((one) => (
          <One key={one.id} one={one} again={again} />
        ))}
      </ul>
    </section>
  );
}

function One({ one, again }: { one: IncidentState; again: () => void }) {
  const { id, analysis, severity, what, by, at, closedAt } = one;
  const [done, setDone] = useState('');
  const [fault, setFault] = useState<ApiFault>();
  return (
    <li>
      <p>
        <span className={`pel-tag ${severity === 'no-harm' ? '' : 'is-warn'}`}>
          {INCIDENT.severities[severity]}
        </span>{' '}
        <To route={{ page: 'case', analysis }}>{what}</To>
      </p>
      <p className="pel-t3">
        {INCIDENT.by(by, moment(at))} · {closedAt ? INCIDENT.closed : INCIDENT.open} ·{' '}
        <a href={incidentPackage(id)} download>
          {INCIDENT.package}
        </a>
      </p>
      {!closedAt && (
        <form
          className="rev-line"
          onSubmit={(event) => {
            event.preventDefault();
            closeIncident(id, done.trim()).then(again, (error) => setFault(asFault(error)));
          }}
        >
          <label>
            {INCIDENT.done}
            <input
              className="pel-field"
              required
              minLength={3}
              maxLength={2000}
              value={done}
              onChange={(e) => setDone(e.currentTarget.value)}
            />
          </label>
          <button type="submit" className="pel-btn">
            {INCIDENT.close}
          </button>
        </form>
      )}
      {fault && <Failure fault={fault} />}
    </li>
  );
}
