import type { PlanState } from '../../../server/review/contract/worklist.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';
import { planIcon } from './worklist-table.tsx';

interface Props {
  readonly plans: readonly PlanState[];
  /** The plans that the list is filtered by. */
  readonly chosen: readonly string[];
  readonly mayEdit: boolean;
  readonly onChoose: (id: string) => void;
  readonly onEdit: (plan: PlanState | 'new') => void;
}

const { worklist: WORDS } = STRINGS;

/** Each sampling plan with how far it is; pressed, the list shows what it sampled. */
export const PlanBar = ({ plans, chosen, mayEdit, onChoose, onEdit }: Props) => (
  // biome-ignore lint/a11y/useSemanticElements: a row of buttons, not a form's fieldset
  <div className="rev-plans" role="group" aria-label={WORDS.sampling}>
    <span className="pel-label">{WORDS.sampling}</span>
    {plans.map((plan) => {
      const { id, name, sampled, judged, on } = plan;
      return (
        <span key={id} className="rev-plan">
          <button
            type="button"
            className={`plan ${sampled > 0 && judged >= sampled ? 'is-done' : ''}`}
            aria-pressed={chosen.includes(id)}
            onClick={() => onChoose(id)}
          >
            <Icon name={planIcon(name)} className="is-s" />
            {name} <b>{WORDS.ofSampled(judged, sampled)}</b>
            {!on && <span className="pel-t3">{WORDS.planOff}</span>}
            <i style={{ width: `${sampled ? (100 * judged) / sampled : 0}%` }} />
          </button>
          {mayEdit && (
            <button
              type="button"
              className="pel-btn is-quiet is-tiny"
              aria-label={WORDS.editPlan(name)}
              onClick={() => onEdit(plan)}
            >
              <Icon name="edit" className="is-s" />
            </button>
          )}
        </span>
      );
    })}
    {mayEdit && (
      <button type="button" className="pel-btn is-quiet" onClick={() => onEdit('new')}>
        <Icon name="plus" className="is-s" />
        {WORDS.plan}
      </button>
    )}
  </div>
);
