import type { CaseFinding } from '../../../server/review/contract/case.ts';

interface Props {
  readonly regions: CaseFinding['regions'];
  readonly picture: { readonly rows: number; readonly columns: number };
}

/** Outlines in pixel edges of the picture; each kind of line and letter tells them apart without a colour. */
export function Regions({ regions, picture: { rows, columns } }: Props) {
  if (regions.length === 0) return null;
  return (
    <>
      <svg
        className="pel-regions rev-regions"
        viewBox={`0 0 ${columns} ${rows}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={regions.map(({ name, meaning }) => `${name}: ${meaning}`).join('; ')}
      >
        {regions.map(({ name, meaning, points }, i) => {
          const d = `M${points.map(([x, y]) => `${x} ${y}`).join('L')}Z`;
          return (
            <g key={`${name} ${meaning}`}>
              <path className="halo" d={d} />
              <path className="line" d={d} strokeDasharray={i % 2 ? '6 4' : undefined} />
            </g>
          );
        })}
      </svg>
      {regions.map(({ name, meaning, points }) => (
        <span
          key={`${name} ${meaning}`}
          className="rev-region"
          aria-hidden="true"
          style={{
            left: `${(100 * Math.max(...points.map(([x]) => x))) / columns}%`,
            top: `${(100 * Math.min(...points.map(([, y]) => y))) / rows}%`,
          }}
        >
          {name}
        </span>
      ))}
    </>
  );
}
