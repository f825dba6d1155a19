import { Fragment } from 'react';
import type { Hiding } from '../hooks/use-hiding.ts';
import { quantity } from '../lib/format.ts';
import { isOfNearest } from '../lib/nearest.ts';
import type { DeletionCurve, Measure } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { DeletionChart } from './deletion-chart.tsx';
import { HiddenNote } from './hidden-note.tsx';

interface Props {
  readonly measures: readonly Measure[];
  readonly deletion: DeletionCurve | undefined;
  readonly hiding: Hiding;
}

/** Measures of faithfulness: the deletion curve, then each measure with its number and what it tells. */
export function Trust({ measures, deletion, hiding: { step, hide, cover, where } }: Props) {
  // Known images that are like this one say nothing of faithfulness.
  const own = measures.filter((measure) => !isOfNearest(measure));
  if (own.length === 0 && !deletion) return null;
  return (
    <section className="pel-sec">
      <h3>{STRINGS.trust}</h3>
      {deletion && <DeletionChart curve={deletion} step={step} onStep={hide} />}
      {deletion && (
        <HiddenNote isHiding={step > 0} isKnown={cover !== undefined} where={where} onEnd={() => hide(0)} />
      )}
      <dl className="pel-kv">
        {own.map(({ name, sentence, value, unit }) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value === undefined ? '' : quantity(value, unit)}</dd>
            <dd className="why">{sentence}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
