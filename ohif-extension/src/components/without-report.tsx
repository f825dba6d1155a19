import type { Layer } from '../hooks/use-layers.ts';
import { moment } from '../lib/format.ts';
import type { KeyImage } from '../lib/key-images.ts';
import type { Unreported } from '../lib/unreported.ts';
import { STRINGS } from '../strings.ts';
import { GoToKeyImage } from './go-to-key-image.tsx';

interface Props {
  readonly found: readonly Unreported[];
  readonly now: string;
  /** Shows one over its images; undefined: the viewer has not read it. */
  readonly layerOf: (SOPInstanceUID: string) => Layer | undefined;
  /** Brings an image into view; undefined: the viewer cannot. */
  readonly wayTo: (image: KeyImage) => (() => void) | undefined;
}

/** Masks, maps and key images of which no report speaks: what they hold, who made them and how, and nothing more. */
export function WithoutReport({ found, now, layerOf, wayTo }: Props) {
  if (found.length === 0) return null;
  return (
    <section className="pel-sec" data-testid="pel-without-report">
      <h3>{STRINGS.withoutReport.title}</h3>
      <p className="pel-t2">{STRINGS.withoutReport.text}</p>
      <ul className="pel-unreported">
        {found.map((each) => {
          const show = layerOf(each.SOPInstanceUID);
          return (
            <li key={each.SOPInstanceUID}>
              <strong>{each.name || STRINGS.untitled}</strong>
              <span>{whatOf(each)}</span>
              <span className="pel-t2">{whoseOf(each, now)}</span>
              {show === 'unable' && <span className="pel-t2">{STRINGS.withoutReport.unable}</span>}
              {typeof show === 'function' && (
                <button type="button" className="pel-btn" onClick={show}>
                  {STRINGS.withoutReport.show}
                </button>
              )}
              <GoToKeyImage images={each.images} wayTo={wayTo} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** `Masks: Liver, Spleen` */
const whatOf = ({ kind, holds, images }: Unreported): string =>
  [STRINGS.objects[kind](images.length), holds.join(', ')].filter(Boolean).join(': ');

/** `Maker · Algorithm (automatic) · 25 Nov 2026 14:02` */
const whoseOf = ({ maker, algorithms, createdAt }: Unreported, now: string): string =>
  [
    maker,
    ...algorithms.map(({ name, type }) => {
      const how = type && STRINGS.withoutReport.types[type];
      return name && how ? `${name} (${how})` : name || how;
    }),
    moment(createdAt, now),
  ]
    .filter(Boolean)
    .join(' · ');
