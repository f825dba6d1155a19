import { measurement } from '../lib/format.ts';
import type { Measurement } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

/** What another maker's report measured, and what it does not say. */
export function Measurements({ measurements }: { measurements: readonly Measurement[] }) {
  return (
    <section className="pel-sec">
      <h3>{STRINGS.other.measured}</h3>
      {measurements.length > 0 ? (
        <dl className="pel-kv">
          {measurements.map((each, i) => (
            <div key={`${i} ${each.name}`} className="pel-pair">
              <dt>{each.name}</dt>
              <dd>{measurement(each)}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className="pel-t2">{STRINGS.other.nothing}</p>
      )}
      <p className="pel-hint">{STRINGS.other.missing}</p>
    </section>
  );
}
