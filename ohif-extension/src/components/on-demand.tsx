import type { OnDemand as Demand } from '../hooks/use-on-demand.ts';
import type { Offer } from '../lib/on-demand.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

/** States of an analysis after which it may be asked for again. */
const OVER = ['failed', 'cancelled', 'skipped'];

interface Props {
  readonly demand: Demand;
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
}

/** Which models could run on the series in view, with why not the others, and one that does on demand. */
export const OnDemand = ({ demand: { offers, asked, refused, run }, isOpen, onToggle }: Props) => (
  <details
    className="pel-card"
    data-testid="pel-demand"
    open={isOpen}
    onToggle={(event) => onToggle(event.currentTarget.open)}
  >
    <summary>
      <Icon name="modelTransparency" />
      <span className="ttl">{STRINGS.demand.title}</span>
      <span className="key" />
      <Icon name="chevron" className="chev" />
      <span className="sen">{STRINGS.demand.sentence}</span>
    </summary>
    <div className="more">
      {offers === undefined ? (
        <p role="status">{STRINGS.demand.none}</p>
      ) : offers === 'none' ? (
        <p role="status">{STRINGS.failures.offers}</p>
      ) : (
        <ul className="pel-demand">
          {[...offers].sort(runsFirst).map((offer) => (
            <li key={offer.model}>
              <strong>
                {offer.name} {offer.model.split('@')[1]}
              </strong>
              {isRunnable(offer) && !asked.includes(offer.model) ? (
                <button type="button" className="pel-btn" onClick={() => run(offer.model)}>
                  {offer.state ? STRINGS.demand.again : STRINGS.demand.run}
                </button>
              ) : (
                <span className="pel-t2">
                  {asked.includes(offer.model) ? STRINGS.demand.asked : said(offer)}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {refused !== undefined && <p role="alert">{STRINGS.demand.refused(refused)}</p>}
    </div>
  </details>
);

const runsFirst = (a: Offer, b: Offer): number => Number(b.runs) - Number(a.runs);

const isRunnable = ({ runs, state }: Offer): boolean => runs && (state === undefined || OVER.includes(state));

const said = ({ runs, why, state }: Offer): string => {
  if (!runs) return STRINGS.demand.not(why);
  return state === 'done' ? STRINGS.demand.done : STRINGS.demand.working;
};
