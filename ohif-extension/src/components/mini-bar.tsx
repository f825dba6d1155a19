import { isAbove } from '../lib/order.ts';
import type { Score } from '../lib/result.ts';

const percent = (value: number): string => `${Math.min(1, Math.max(0, value)) * 100}%`;

/** The score bar of one row: its number stands beside it. */
export const MiniBar = ({ score }: { score: Score }) => (
  <span className="pel-mini" aria-hidden="true">
    <i className={isAbove(score) ? 'fill' : 'fill below'} style={{ width: percent(score.value) }} />
    {score.threshold !== undefined && <i className="notch" style={{ left: percent(score.threshold) }} />}
  </span>
);
