import type { CaseFinding } from '../../../server/review/contract/case.ts';

interface Props {
  readonly regions: CaseFinding['regions'];
  readonly picture: { readonly rows: number; readonly columns: number };
}

/** Outlines in pixel edges of the picture; each kind of line and letter tells them apart without a colour. */
export function Regions({ regions, picture: { rows, columns } }: Props) {
  if (regions.length === 0) return null;
  const size = Math.max(rows, columns) / 34;
  return (
    <svg
      className="pel-regions rev-regions"
      viewBox={`0 0 ${columns} ${rows}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={regions.map(({ name, meaning }) => `${name}: ${meaning}`).join('; ')}
    >
      {regions.map(({ name, meaning, points }, i) => {
        const d = `M${points.map(([x, y]) => `${x} ${y}`).join('L')}Z`;
        const right = Math.max(...points.map(([x]) => x));
        const top = Math.min(...points.map(([, y]) => y));
        return (
          <g key={`${name} ${meaning}`}>
            <path className="halo" d={d} vectorEffect="non-scaling-stroke" />
            <path
              className="line"
              d={d}
              vectorEffect="non-scaling-stroke"
              strokeDasharray={i % 2 ? '6 4' : undefined}
            />
            <g transform={`translate(${Math.min(columns - size, right)} ${Math.max(size, top)})`}>
              <rect x={-size * 0.6} y={-size * 0.75} width={size * 1.2} height={size * 1.1} rx={size / 6} />
              <text style={{ fontSize: size * 0.8 }} y={size * 0.1}>
                {name}
              </text>
            </g>
          </g>
        );
      })}
    </svg>
  );
}
