import { Fragment } from 'react';
import { quantity } from '../lib/format.ts';
import type { Measure } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

/** Measures of faithfulness: each with its number and what it tells. */
export function Trust({ measures }: { measures: readonly Measure[] }) {
  if (measures.length === 0) return null;
  return (
    <section className="pel-sec">
      <h3>{STRINGS.trust}</h3>
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
