const WIDTH = 68;
const x = (value: number): number => 1 + 66 * Math.min(1, Math.max(0, value));

/** The score bar of a row: notch = threshold, diamond = score; grey below the threshold. The number stands beside it. */
export const MiniBar = ({ score, threshold }: { score: number; threshold?: number | undefined }) => (
  <svg className="pel-bar rev-mini" viewBox={`0 0 ${WIDTH} 14`} aria-hidden="true">
    <rect className="track" x={1} y={5} width={66} height={4} rx={1} />
    <rect
      className={threshold === undefined || score >= threshold ? 'fill' : 'fill below'}
      x={1}
      y={5}
      width={x(score) - 1}
      height={4}
      rx={1}
    />
    {threshold !== undefined && <path className="notch" d={`M${x(threshold)} 2v10`} strokeWidth={1.5} />}
    <path className="mark" d={`M${x(score)} 2.5l4 4.5-4 4.5-4-4.5z`} />
  </svg>
);
