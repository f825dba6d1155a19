import { type CSSProperties, useState } from 'react';
import type { Figures } from '../../../server/review/contract/figures.ts';
import { useLoad } from '../hooks/use-load.ts';
import { compareVersions, thresholdEffect } from '../lib/api.ts';
import { count, fixed, perCent, two } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { To } from './head.tsx';
import { Failure } from './notice.tsx';

const { act: WORDS } = STRINGS;
/** The slider rests before it is asked. */
const REST_MS = 250;

/** What another threshold would have said of past cases. */
export function TryThreshold({ figures: { model, finding, scores } }: { figures: Figures }) {
  const [at, setAt] = useState(scores.threshold ?? 0.5);
  const [load, again] = useLoad(
    async (signal) => {
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      signal.throwIfAborted();
      return thresholdEffect(model, { finding, at }, signal);
    },
    [model, finding, at],
  );
  const effect = load.state === 'ready' ? load.value : undefined;
  return (
    <section className="rev-box">
      <h2>{WORDS.threshold}</h2>
      <p className="cap">{WORDS.thresholdText}</p>
      <div className="pel-sliders">
        <label htmlFor="rev-at">{WORDS.at}</label>
        <input
          className="pel-range"
          id="rev-at"
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={at}
          aria-valuetext={two(at)}
          style={{ '--v': `${at * 100}%` } as CSSProperties}
          onChange={(e) => setAt(Number(e.currentTarget.value))}
        />
        <output>{two(at)}</output>
      </div>
      {load.state === 'failed' && <Failure fault={load.fault} again={again} />}
      {effect && (
        <>
          <table className="pel-table rev-what">
            <thead>
              <tr>
                <td />
                <th scope="col" className="pel-right">
                  {WORDS.today} ({two(effect.now)})
                </th>
                <th scope="col" className="pel-right">
                  {WORDS.proposed} ({two(effect.at)})
                </th>
                <td />
              </tr>
            </thead>
            <tbody>
              <Row
                name={WORDS.positives}
                values={[count(effect.positiveNow), count(effect.positiveThen)]}
                of={WORDS.ofResults(count(effect.results))}
              />
              <Row
                name={WORDS.sensitivity}
                values={[effect.truth.sensitivityNow, effect.truth.sensitivityThen].map(share)}
                of={WORDS.ofTruth(count(effect.truth.n))}
              />
              <Row
                name={WORDS.specificity}
                values={[effect.truth.specificityNow, effect.truth.specificityThen].map(share)}
                of=""
              />
            </tbody>
          </table>
          <details>
            <summary>{WORDS.changes(effect.changed.length)}</summary>
            <ul className="rev-changed">
              {effect.changed.map(({ analysis, name, score }) => (
                <li key={analysis}>
                  <To route={{ page: 'case', analysis }}>{name}</To> {two(score)}
                </li>
              ))}
            </ul>
          </details>
        </>
      )}
    </section>
  );
}

const Row = ({ name, values, of }: { name: string; values: readonly string[]; of: string }) => (
  <tr>
    <th scope="row">{name}</th>
    {values.map((value, i) => (
      <td key={i} className="pel-right">
        <b>{value}</b>
      </td>
    ))}
    <td className="pel-t3">{of}</td>
  </tr>
);

const share = (value: number | undefined): string => (value === undefined ? '–' : `${perCent(value)} %`);

/** Two versions on the series that both have read. */
export function CompareVersions({ figures: { model, finding, versions } }: { figures: Figures }) {
  const [pair, setPair] = useState(() => ({ a: versions.at(-2), b: versions.at(-1) }));
  const { a, b } = pair;
  const [load, again] = useLoad(
    async (signal) => (a && b && a !== b ? compareVersions(model, { finding, a, b }, signal) : undefined),
    [model, finding, a, b],
  );
  const compared = load.state === 'ready' ? load.value : undefined;
  return (
    <section className="rev-box">
      <h2>{WORDS.compare}</h2>
      <p className="cap">{versions.length < 2 ? WORDS.onlyOne : WORDS.compareText}</p>
      {versions.length > 1 && (
        <div className="rev-line">
          {(['a', 'b'] as const).map((which) => (
            <label key={which}>
              {which === 'a' ? WORDS.versionA : WORDS.versionB}
              <select
                className="pel-field"
                value={pair[which] ?? ''}
                onChange={({ currentTarget: { value } }) => setPair((old) => ({ ...old, [which]: value }))}
              >
                {versions.map((version) => (
                  <option key={version}>{version}</option>
                ))}
              </select>
            </label>
          ))}
        </div>
      )}
      {load.state === 'failed' && <Failure fault={load.fault} again={again} />}
      {compared && (
        <>
          <p>
            {compared.n === 0 ? (
              WORDS.noCommon
            ) : (
              <>
                <b>{WORDS.compared(compared.agreed, compared.n)}</b>
                {compared.meanDifference !== undefined &&
                  `; ${WORDS.difference(fixed(compared.meanDifference, 3))}`}
              </>
            )}
          </p>
          <ul className="rev-changed">
            {compared.changed.map((one) => (
              <li key={one.a}>
                <To route={{ page: 'case', analysis: one.a }}>{one.name}</To> {two(one.scoreA)} →{' '}
                {two(one.scoreB)}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
