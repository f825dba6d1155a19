import { STRINGS } from '../strings.ts';

/** Asks anew for what did not come, so that nobody need load the viewer again for it. */
export const LookAgain = ({ onClick }: { onClick: () => void }) => (
  <button type="button" className="pel-btn" onClick={onClick}>
    {STRINGS.lookAgain}
  </button>
);
