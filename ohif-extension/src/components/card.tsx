import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';
import { Said } from './said.tsx';

interface Props {
  readonly icon: IconName;
  readonly title: string;
  /** At the right edge. */
  readonly keyWord?: string | undefined;
  readonly sentence: ReactNode;
  /** What else the report says, once it is open. */
  readonly rest?: string;
  readonly isAbsent?: boolean;
  readonly children?: ReactNode;
}

/** Two lines closed: title and key word, then one sentence. Open, the rest. */
export const Card = ({ icon, title, keyWord, sentence, rest, isAbsent = false, children }: Props) => (
  <details className={`pel-card ${isAbsent ? 'is-absent' : ''}`}>
    <summary>
      <Icon name={icon} />
      <span className="ttl">{title}</span>
      <span className="key">{keyWord}</span>
      <Icon name="chevron" className="chev" />
      <span className="sen">
        {sentence}
        {rest && <Said className="rest"> {rest}</Said>}
      </span>
    </summary>
    <div className="more">{children}</div>
  </details>
);
