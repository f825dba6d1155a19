import type { CSSProperties } from 'react';
import type { TreeItem } from '../../../server/review/contract/case.ts';
import { Icon } from './icon.tsx';

/** Levels that stand open at first. */
const OPEN = 2;

/** The report as a person reads it: names, values, and the codes at the right edge. */
export const ReportTree = ({ item }: { item: TreeItem }) => (
  <div className="rev-tree">
    <Branch item={item} level={0} />
  </div>
);

function Branch({ item, level }: { item: TreeItem; level: number }) {
  const { children } = item;
  if (children.length === 0) return <Line item={item} level={level} />;
  return (
    <details open={level < OPEN}>
      <summary className="branch">
        <Line item={item} level={level} />
      </summary>
      {children.map((child, i) => (
        <Branch key={i} item={child} level={level + 1} />
      ))}
    </details>
  );
}

const Line = ({
  item: { name, code, value, valueCode, children },
  level,
}: {
  item: TreeItem;
  level: number;
}) => (
  <div className="item" style={{ '--level': level } as CSSProperties} title={value}>
    {children.length > 0 ? <Icon name="chevron" className="turn" /> : <i />}
    <span>{name}</span>
    {value && <b>{value}</b>}
    <code className="pel-code">{[code, valueCode].filter(Boolean).join(' · ')}</code>
  </div>
);
