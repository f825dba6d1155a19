import type { KeyImage } from '../lib/key-images.ts';
import type { Unreported } from '../lib/unreported.ts';
import { STRINGS } from '../strings.ts';
import { GoToKeyImage } from './go-to-key-image.tsx';

interface Props {
  readonly found: readonly Unreported[];
  readonly wayTo: (image: KeyImage) => (() => void) | undefined;
}

/** What the same analysis gave for viewers that show no more than that. */
export function WrittenWith({ found, wayTo }: Props) {
  if (found.length === 0) return null;
  return (
    <div data-testid="pel-written-with">
      <p>{STRINGS.writtenWith}</p>
      <ul className="pel-unreported">
        {found.map(({ SOPInstanceUID, kind, images }) => (
          <li key={SOPInstanceUID}>
            <span>{STRINGS.objects[kind](images.length)}</span>
            <GoToKeyImage images={images} wayTo={wayTo} />
          </li>
        ))}
      </ul>
    </div>
  );
}
