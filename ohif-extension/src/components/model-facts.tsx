import { Fragment, type ReactNode } from 'react';
import { ANSWERS, type ModelFacts as Facts } from '../lib/result.ts';
import { sentencesOf } from '../lib/sentences.ts';
import { STRINGS } from '../strings.ts';
import { Card } from './card.tsx';

interface Props {
  readonly model: Facts;
  readonly parameters: readonly string[];
  readonly children?: ReactNode;
}

/** Who made the result, for whom, and with what limits. */
export function ModelFacts({ model, parameters, children }: Props) {
  const [intendedUse = STRINGS.modelFacts.none, ...limits] = sentencesOf(model.description ?? '');
  const facts = [
    ...ANSWERS.map((question) => [STRINGS.modelFacts.answers[question], model.answers?.[question]]),
    [STRINGS.modelFacts.acceptance, model.acceptance ?? STRINGS.absentUnexplained],
    [STRINGS.modelFacts.maker, model.manufacturer],
    [STRINGS.modelFacts.identifier, model.id],
    [STRINGS.modelFacts.digest, model.digest?.slice(0, 12)],
    ...parameters.map((parameter) => parameter.split(/=(.*)/s).slice(0, 2)),
  ].filter(([, value]) => value);
  return (
    <Card icon="facts" title={STRINGS.modelFacts.title} keyWord={model.version} sentence={intendedUse}>
      {limits.length > 0 && <p>{limits.join(' ')}</p>}
      <dl className="pel-kv">
        {facts.map(([name, value], i) => (
          <Fragment key={`${i} ${name}`}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
      {children}
    </Card>
  );
}
