import { Fragment } from 'react';
import type { Hiding } from '../hooks/use-hiding.ts';
import { quantity } from '../lib/format.ts';
import { isOfNearest } from '../lib/nearest.ts';
import type { DeletionCurve, Measure } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Card } from './card.tsx';
import { DeletionChart } from './deletion-chart.tsx';
import { HiddenNote } from './hidden-note.tsx';
import { Said } from './said.tsx';

interface Props {
  readonly measures: readonly Measure[];
  readonly deletion: DeletionCurve | undefined;
  readonly hiding: Hiding;
}

/** What was measured of faithfulness: the deletion curve, and on demand each measure with its number and what it tells. */
export function Trust({ measures, deletion, hiding: { step, hide, cover, where } }: Props) {
  // Known images that are like this one say nothing of faithfulness.
  const own = measures.filter((measure) => !isOfNearest(measure));
  return (
    <>
      {deletion && (
        <section className="pel-sec">
          <h3>{STRINGS.trust}</h3>
          <DeletionChart curve={deletion} step={step} onStep={hide} />
          <HiddenNote isHiding={step > 0} isKnown={cover !== undefined} where={where} onEnd={() => hide(0)} />
        </section>
      )}
      {own.length > 0 && (
        <Card
          icon="physicalAttribution"
          title={deletion ? STRINGS.measures.title : STRINGS.trust}
          keyWord={STRINGS.measures.count(own.length)}
          sentence={STRINGS.measures.sentence}
        >
          <dl className="pel-kv">
            {own.map(({ name, sentence, value, unit }, i) => (
              <Fragment key={`${i} ${name}`}>
                <dt>
                  <Said>{name}</Said>
                </dt>
                <dd>{value === undefined ? '' : quantity(value, unit)}</dd>
                <dd className="why">
                  <Said>{sentence}</Said>
                </dd>
              </Fragment>
            ))}
          </dl>
        </Card>
      )}
    </>
  );
}
