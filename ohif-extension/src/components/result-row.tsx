import { score } from '../lib/format.ts';
import { inOrder } from '../lib/order.ts';
import type { Result } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

/** A result that is not open: whose it is, and its first finding. Only the open one draws over the image. */
export function ResultRow({ result, onOpen }: { result: Result; onOpen: () => void }) {
  const { model, findings, origin } = result;
  const first = findings[inOrder(findings)[0] ?? 0];
  return (
    <button type="button" className="pel-result" onClick={onOpen}>
      <span className="ttl">
        {[model.name, model.version].filter(Boolean).join(' ')}
        {origin === 'other' && ` · ${STRINGS.other.tag}`}
      </span>
      <span className="pel-num">{first?.score && score(first.score.value)}</span>
      <Icon name="chevron" className="chev" />
      <span className="sen">{first?.sentence}</span>
    </button>
  );
}
