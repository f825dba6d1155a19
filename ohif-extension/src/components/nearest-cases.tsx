import { useState } from 'react';
import { quantity } from '../lib/format.ts';
import type { KnownImage } from '../lib/nearest.ts';
import type { ModelFacts } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly cases: readonly KnownImage[];
  readonly model: ModelFacts;
  /** Where our server is, which gives the pictures of the packages on it; null: nowhere. */
  readonly server: string | null;
}

/** Known images that are like this one, to compare with: what each was, and how near it is; its picture where the server has it. */
export function NearestCases({ cases, model, server }: Props) {
  const [missing, setMissing] = useState<ReadonlySet<string>>(new Set());
  if (cases.length === 0) return null;
  const folder =
    server === null || model.id === undefined
      ? undefined
      : `${server}/api/models/${encodeURIComponent(model.id)}/${encodeURIComponent(model.version)}/cases`;
  const pictured = folder === undefined ? [] : cases.filter(({ id }) => !missing.has(id));
  return (
    <div className="pel-nearest">
      <table className="pel-answers">
        <caption>{STRINGS.nearest.title}</caption>
        <thead>
          <tr>
            <th scope="col">{STRINGS.nearest.truth}</th>
            <th scope="col">{STRINGS.nearest.distance}</th>
          </tr>
        </thead>
        <tbody>
          {cases.map(({ id, truth, distance }) => (
            <tr key={id}>
              <th scope="row">
                {truth} <span className="pel-t2">({id})</span>
              </th>
              <td className="pel-num">{quantity(distance)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {pictured.length > 0 && (
        <div className="pictures">
          {pictured.map(({ id, truth }) => (
            <figure key={id}>
              <img
                src={`${folder}/${id}.png`}
                alt={STRINGS.nearest.picture(truth)}
                loading="lazy"
                onError={() => setMissing((now) => new Set(now).add(id))}
              />
              <figcaption>{truth}</figcaption>
            </figure>
          ))}
        </div>
      )}
      {pictured.length > 0 && <p className="pel-hint">{STRINGS.nearest.source}</p>}
    </div>
  );
}
