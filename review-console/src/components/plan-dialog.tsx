import { type FormEvent, useState } from 'react';
import type { CaseFilter, Plan, PlanState } from '../../../server/review/contract/worklist.ts';
import { useDesk } from '../desk.tsx';
import { asFault } from '../hooks/use-load.ts';
import { type ApiFault, applyPlan, deletePlan, savePlan } from '../lib/api.ts';
import type { FilterLine } from '../lib/filters.ts';
import { STRINGS } from '../strings.ts';
import { Dialog } from './dialog.tsx';
import { FilterRail } from './filter-rail.tsx';
import { Failure } from './notice.tsx';

interface Props {
  readonly plan: PlanState | 'new';
  /** What a new one begins with. */
  readonly filter: CaseFilter;
  readonly lines: readonly FilterLine[];
  readonly onClose: (isChanged: boolean) => void;
}

const { plan: WORDS } = STRINGS;

/** Makes or changes a sampling plan. */
export function PlanDialog({ plan, filter, lines, onClose }: Props) {
  const { say } = useDesk();
  const id = plan === 'new' ? undefined : plan.id;
  const [value, setValue] = useState<Plan>(() =>
    plan === 'new'
      ? { name: '', filter: ofResults(filter), share: 1, readers: 1, blind: true, on: true }
      : planOf(plan),
  );
  const [fault, setFault] = useState<ApiFault>();
  const put = (change: Partial<Plan>) => setValue((old) => ({ ...old, ...change }));
  const act = async (work: () => Promise<unknown>, words: string) => {
    try {
      await work();
      say(words);
      onClose(true);
    } catch (error) {
      setFault(asFault(error));
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void act(() => savePlan(value, id), WORDS.saved(value.name));
  };
  return (
    <Dialog title={id ? WORDS.edit : WORDS.new} onClose={() => onClose(false)}>
      <form className="rev-form" onSubmit={onSubmit}>
        <label>
          {WORDS.name}
          <input
            className="pel-field"
            required
            maxLength={60}
            value={value.name}
            onChange={(e) => put({ name: e.currentTarget.value })}
          />
        </label>
        <label>
          {WORDS.share}
          <span className="beside">
            <input
              className="pel-field"
              type="number"
              required
              min={0.1}
              max={100}
              step={0.1}
              value={Number((value.share * 100).toFixed(1))}
              onChange={(e) => put({ share: Number(e.currentTarget.value) / 100 })}
            />
            {WORDS.shareText}
          </span>
        </label>
        <label>
          {WORDS.readers}
          <select
            className="pel-field"
            value={value.readers}
            onChange={(e) => put({ readers: Number(e.currentTarget.value) })}
          >
            <option value={1}>{WORDS.one}</option>
            <option value={2}>{WORDS.two}</option>
          </select>
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={value.blind}
            onChange={(e) => put({ blind: e.currentTarget.checked })}
          />
          {WORDS.blind}
        </label>
        <label className="check">
          <input type="checkbox" checked={value.on} onChange={(e) => put({ on: e.currentTarget.checked })} />
          {WORDS.on}
        </label>
        <fieldset>
          <legend>{WORDS.takes}</legend>
          <FilterRail
            lines={lines.filter((line) => !OF_READERS.includes(line.id))}
            filter={value.filter}
            now={Date.now()}
            onChange={(filter) => put({ filter })}
          />
        </fieldset>
        {fault && <Failure fault={fault} />}
        <div className="go">
          {id && (
            <>
              <button
                type="button"
                className="pel-btn"
                onClick={() => void act(() => deletePlan(id), WORDS.deleted(value.name))}
              >
                {STRINGS.delete}
              </button>
              <button
                type="button"
                className="pel-btn"
                onClick={() => void act(() => savePlan(value, id).then(() => applyPlan(id)), WORDS.applied)}
              >
                {WORDS.apply}
              </button>
            </>
          )}
          <button type="submit" className="pel-btn is-main">
            {STRINGS.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const planOf = ({ name, filter, share, readers, blind, on }: PlanState): Plan => ({
  name,
  filter,
  share,
  readers,
  blind,
  on,
});

/** What readers have done with a result, or which of them asks, is nothing to sample by. */
const OF_READERS: readonly string[] = ['state', 'plan', 'sampled', 'mine', 'reviewer', 'search'];
const ofResults = (filter: CaseFilter): CaseFilter =>
  Object.fromEntries(Object.entries(filter).filter(([key]) => !OF_READERS.includes(key)));
