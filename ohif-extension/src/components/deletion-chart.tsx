import { type CSSProperties, useId } from 'react';
import { percent, score } from '../lib/format.ts';
import type { DeletionCurve } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

const WIDTH = 206;
const HEIGHT = 84;

interface Props {
  readonly curve: DeletionCurve;
  /** Of the curve: how much is hidden. */
  readonly step: number;
  readonly onStep: (step: number) => void;
}

/** The stored deletion curve under a slider: nothing is computed again. Before anything is hidden it says what the first step does. */
export function DeletionChart({ curve, step, onStep }: Props) {
  const { strongestFirst, randomOrder, hidden } = curve;
  const last = strongestFirst.length - 1;
  const said = Math.max(1, step);
  const ways: Readonly<Record<string, string>> = STRINGS.deletion.ways;
  const id = useId();
  const x = (i: number): number => (i / last) * WIDTH;
  const y = (value: number): number => 6 + (1 - value) * (HEIGHT - 12);
  const path = (scores: readonly number[]): string =>
    scores.map((value, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const at = (scores: readonly number[], i: number): number => scores[i] ?? 0;
  const [ends, clear] = namesAt(y(at(strongestFirst, last)), y(at(randomOrder, last)));
  return (
    <div className="pel-deletion">
      <p>
        {STRINGS.deletion.sentence(ways[hidden] ?? hidden, percent(said / last), [
          score(at(strongestFirst, 0)),
          score(at(strongestFirst, said)),
          score(at(randomOrder, said)),
        ])}
      </p>
      <div className="chart">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={STRINGS.deletion.chart}
        >
          <path className="axis" d={`M0 ${y(0)}H${WIDTH}`} />
          <path className="random" d={path(randomOrder)} />
          <path className="strongest" d={path(strongestFirst)} />
          <path className="cursor" d={`M${x(step)} 2V${HEIGHT - 2}`} />
          <path className="point" d={`M${x(step)} ${y(at(strongestFirst, step))}h0`} />
        </svg>
        {/* Beside the picture, which is as wide as the panel: letters stay as large as all others. */}
        <div className="names" aria-hidden="true">
          <span className="lead" style={{ top: share(ends) }}>
            {STRINGS.deletion.strongest}
          </span>
          <span style={{ top: share(clear) }}>{STRINGS.deletion.random}</span>
        </div>
      </div>
      <div className="pel-sliders">
        <label htmlFor={id}>{STRINGS.deletion.slider}</label>
        <input
          className="pel-range"
          id={id}
          type="range"
          min={0}
          max={last}
          value={step}
          aria-valuetext={STRINGS.deletion.value(percent(step / last), score(at(strongestFirst, step)))}
          style={{ '--v': `${(step / last) * 100}%` } as CSSProperties}
          onChange={(event) => onStep(Number(event.currentTarget.value))}
        />
        <span className="value" aria-hidden="true">
          {percent(step / last)}
        </span>
      </div>
    </div>
  );
}

/** Of the height. */
const share = (y: number): string => `${(y / HEIGHT) * 100}%`;

/** Heights of the two names: beside the ends of their curves, but never over each other. */
function namesAt(strongest: number, random: number): readonly [number, number] {
  const gap = 13;
  if (Math.abs(strongest - random) >= gap) return [strongest, random];
  const middle = Math.min(HEIGHT - gap, Math.max(gap, (strongest + random) / 2));
  const above = strongest <= random ? -1 : 1;
  return [middle + (above * gap) / 2, middle - (above * gap) / 2];
}
