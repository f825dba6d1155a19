import { STRINGS } from '../strings.ts';

interface Props {
  readonly server: string | null;
  /** In a tab of its own, so that nothing is lost here. */
  readonly isBeside?: boolean;
}

/** To the log-in of our server, and from there back to what is open now. */
export const LogIn = ({ server, isBeside = false }: Props) => (
  <a
    className="pel-btn"
    {...(isBeside ? { target: '_blank', rel: 'noreferrer' } : {})}
    href={`${server ?? ''}/login?next=${encodeURIComponent(location.pathname + location.search)}`}
  >
    {STRINGS.logIn}
  </a>
);
