import { type FormEvent, useState } from 'react';
import { useDesk } from '../desk.tsx';
import { asFault } from '../hooks/use-load.ts';
import { type ApiFault, type NewIncident, reportIncident } from '../lib/api.ts';
import { STRINGS } from '../strings.ts';
import { Dialog } from './dialog.tsx';
import { Failure } from './notice.tsx';

const { incident: WORDS } = STRINGS;

/** Records that something happened with a result; the evidence is packed by the server. */
export function IncidentDialog({ analysis, onClose }: { analysis: string; onClose: () => void }) {
  const { say } = useDesk();
  const [severity, setSeverity] = useState<NewIncident['severity']>('no-harm');
  const [what, setWhat] = useState('');
  const [done, setDone] = useState('');
  const [fault, setFault] = useState<ApiFault>();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const words = done.trim();
    reportIncident({ analysis, severity, what: what.trim(), ...(words ? { done: words } : {}) }).then(
      () => {
        say(WORDS.recorded);
        onClose();
      },
      (error) => setFault(asFault(error)),
    );
  };
  return (
    <Dialog title={WORDS.title} onClose={onClose}>
      <form className="rev-form" onSubmit={onSubmit}>
        <label>
          {WORDS.severity}
          <select
            className="pel-field"
            value={severity}
            onChange={(e) => setSeverity(e.currentTarget.value as NewIncident['severity'])}
          >
            {Object.entries(WORDS.severities).map(([id, words]) => (
              <option key={id} value={id}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          {WORDS.what}
          <textarea
            className="pel-field"
            required
            minLength={3}
            maxLength={2000}
            rows={4}
            value={what}
            onChange={(e) => setWhat(e.currentTarget.value)}
          />
        </label>
        <label>
          {WORDS.done}
          <textarea
            className="pel-field"
            maxLength={2000}
            rows={3}
            value={done}
            onChange={(e) => setDone(e.currentTarget.value)}
          />
        </label>
        <p className="pel-t3">{WORDS.hint}</p>
        {fault && <Failure fault={fault} />}
        <div className="go">
          <button type="button" className="pel-btn" onClick={onClose}>
            {STRINGS.cancel}
          </button>
          <button type="submit" className="pel-btn is-main">
            {WORDS.send}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
