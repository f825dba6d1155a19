import { STRINGS } from '../strings.ts';

/** To the log-in of our server, and from there back to what is open now. */
export const LogIn = ({ server }: { server: string | null }) => (
  <a
    className="pel-btn"
    href={`${server ?? ''}/login?next=${encodeURIComponent(location.pathname + location.search)}`}
  >
    {STRINGS.logIn}
  </a>
);
