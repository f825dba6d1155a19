import type { MasksSeen } from '../hooks/use-mask-overlay.ts';
import type { Host } from '../host.ts';
import { bring } from '../lib/bring.ts';
import { maskSetOf } from '../lib/mask-set.ts';
import type { Finding } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Notice } from './notice.tsx';

interface Props {
  readonly host: Host;
  readonly seen: MasksSeen;
  readonly segment: Finding['segment'];
}

/** Why no mask is over the image though masks are on, and the way to where they are. */
export function MasksNotice({ host, seen, segment }: Props) {
  if (seen === 'as wanted') return null;
  const { title, text } = seen === 'elsewhere' ? STRINGS.masksElsewhere : STRINGS.maskUnable;
  const source = maskSetOf(
    host.services.displaySetService.getActiveDisplaySets(),
    segment,
  )?.referencedDisplaySetInstanceUID;
  return (
    <Notice kind={seen === 'elsewhere' ? 'info' : 'warn'} title={title}>
      <span>{text}</span>
      {seen === 'elsewhere' && source && (
        <span>
          <button type="button" className="pel-btn" onClick={() => bring(host, source, () => undefined)}>
            {STRINGS.masksElsewhere.show}
          </button>
        </span>
      )}
    </Notice>
  );
}
