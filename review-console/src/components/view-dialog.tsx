import { type FormEvent, useState } from 'react';
import type { View, ViewState } from '../../../server/review/contract/worklist.ts';
import { useDesk } from '../desk.tsx';
import { asFault } from '../hooks/use-load.ts';
import { type ApiFault, deleteView, saveView } from '../lib/api.ts';
import { STRINGS } from '../strings.ts';
import { Dialog } from './dialog.tsx';
import { Failure } from './notice.tsx';

interface Props {
  /** One's own view that is changed; absent: a new one. */
  readonly view?: ViewState | undefined;
  /** Filters and order as they are set now. */
  readonly now: Omit<View, 'name'>;
  readonly onClose: (saved?: ViewState | 'deleted') => void;
}

const { view: WORDS } = STRINGS;

export function ViewDialog({ view, now, onClose }: Props) {
  const { say } = useDesk();
  const [name, setName] = useState(view?.name ?? '');
  const [isReplacing, setReplacing] = useState(true);
  const [fault, setFault] = useState<ApiFault>();
  const act = (work: Promise<ViewState | 'deleted'>, words: string) => {
    work.then(
      (saved) => {
        say(words);
        onClose(saved);
      },
      (error) => setFault(asFault(error)),
    );
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const kept = view && !isReplacing ? { filter: view.filter, order: view.order } : now;
    act(saveView({ name, ...kept }, view?.id), WORDS.saved(name));
  };
  return (
    <Dialog title={view ? WORDS.edit : WORDS.new} onClose={() => onClose()}>
      <form className="rev-form" onSubmit={onSubmit}>
        <label>
          {WORDS.name}
          <input
            className="pel-field"
            required
            maxLength={60}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
          />
        </label>
        {view && (
          <label className="check">
            <input
              type="checkbox"
              checked={isReplacing}
              onChange={(e) => setReplacing(e.currentTarget.checked)}
            />
            {WORDS.update}
          </label>
        )}
        {fault && <Failure fault={fault} />}
        <div className="go">
          {view && (
            <button
              type="button"
              className="pel-btn"
              onClick={() =>
                act(
                  deleteView(view.id).then(() => 'deleted' as const),
                  WORDS.deleted(view.name),
                )
              }
            >
              {STRINGS.delete}
            </button>
          )}
          <button type="submit" className="pel-btn is-main">
            {STRINGS.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
