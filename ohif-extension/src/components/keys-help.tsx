import { Fragment, useEffect, useId, useRef } from 'react';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly focusKey: string;
  readonly readFirst: boolean;
  /** Absent where the site decides. */
  readonly onReadFirst?: ((readFirst: boolean) => void) | undefined;
}

/** All keys, and what a reader may set. */
export function KeysHelp({ focusKey, readFirst, onReadFirst }: Props) {
  const id = useId();
  const list = useRef<HTMLElement>(null);
  // Wherever the panel was scrolled to.
  useEffect(() => {
    list.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section ref={list} className="pel-sec pel-keys" aria-label={STRINGS.keys.title}>
      <h3>{STRINGS.keys.title}</h3>
      <dl>
        {[[focusKey, STRINGS.keys.focus] as const, ...STRINGS.keys.all].map(([keys, what]) => (
          <Fragment key={what}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
      {onReadFirst ? (
        <label htmlFor={id}>
          <input
            id={id}
            type="checkbox"
            checked={readFirst}
            onChange={(event) => onReadFirst(event.currentTarget.checked)}
          />{' '}
          {STRINGS.hidden.setting}
        </label>
      ) : (
        readFirst && <p>{STRINGS.hidden.bySite}</p>
      )}
    </section>
  );
}
