import type { ReactNode } from 'react';
import { STRINGS } from '../strings.ts';
import { Dialog } from './dialog.tsx';

const GROUPS = [
  ['worklist', STRINGS.nav.worklist, STRINGS.keys.worklist],
  ['case', STRINGS.verdict.title, STRINGS.keys.case],
] as const;

/** All keys in one list. */
export const KeysHelp = ({ onClose }: { onClose: () => void }) => (
  <Dialog title={STRINGS.keys.title} onClose={onClose}>
    <div className="rev-keyhelp">
      {GROUPS.map(([id, title, keys]) => (
        <section key={id}>
          <h3>{title}</h3>
          <dl>
            {[...keys, ...(id === 'worklist' ? STRINGS.keys.everywhere : [])].map(([key, words]) => (
              <div key={key}>
                <dt>
                  {key?.split(' ').map((k) => (
                    <kbd key={k}>{k}</kbd>
                  ))}
                </dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  </Dialog>
);

/** The keys that matter most, at the bottom of a page; `children` at its end. */
export function KeyBar({
  keys,
  children,
}: {
  keys: readonly (readonly [key: string, words: string])[];
  children?: ReactNode;
}) {
  return (
    <footer className="rev-keys pel-no-print">
      {keys.map(([key, words]) => (
        <span key={key}>
          {key.split(' ').map((k) => (
            <kbd key={k}>{k}</kbd>
          ))}{' '}
          {words}
        </span>
      ))}
      <span className="end" role="status">
        {children}
      </span>
    </footer>
  );
}
