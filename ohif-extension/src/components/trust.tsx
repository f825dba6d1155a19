import { Fragment } from 'react';
import { quantity } from '../lib/format.ts';
import type { DeletionCurve, Measure } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { DeletionChart } from './deletion-chart.tsx';

interface Props {
  readonly measures: readonly Measure[];
  readonly deletion: DeletionCurve | undefined;
}

/** Measures of faithfulness: the deletion curve, then each measure with its number and what it tells. */
export function Trust({ measures, deletion }: Props) {
  if (measures.length === 0 && !deletion) return null;
  return (
    <section className="pel-sec">
      <h3>{STRINGS.trust}</h3>
      {deletion && <DeletionChart curve={deletion} />}
      <dl className="pel-kv">
        {measures.map(({ name, sentence, value, unit }) => (
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
