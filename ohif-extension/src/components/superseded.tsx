import { moment, score } from '../lib/format.ts';
import type { Result } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Card } from './card.tsx';

/** Older results of the same model on the same series, folded. */
export function Superseded({ results, now }: { results: readonly Result[]; now: string }) {
  if (results.length === 0) return null;
  return (
    <Card
      icon="history"
      title={STRINGS.superseded.title}
      keyWord={STRINGS.superseded.count(results.length)}
      sentence={STRINGS.superseded.text}
    >
      {results.map(({ SOPInstanceUID, createdAt, model, findings }) => (
        <p key={SOPInstanceUID}>
          {moment(createdAt, now)}, {model.name} {model.version}: {findings[0]?.sentence}
          {findings[0]?.score && ` ${score(findings[0].score.value)}`}
        </p>
      ))}
    </Card>
  );
}
