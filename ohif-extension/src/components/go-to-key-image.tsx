import { useState } from 'react';
import type { KeyImage } from '../lib/key-images.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly images: readonly KeyImage[];
  /** Brings one into view; undefined: the viewer cannot. */
  readonly wayTo: (image: KeyImage) => (() => void) | undefined;
}

/** Steps through key images, those that the viewer has; after the last comes the first. */
export function GoToKeyImage({ images, wayTo }: Props) {
  const [next, setNext] = useState(0);
  const ways = images.map((image) => wayTo(image)).filter((way) => way !== undefined);
  const at = next % ways.length;
  const go = ways[at];
  if (!go) return null;
  return (
    <button
      type="button"
      className="pel-btn"
      onClick={() => {
        go();
        setNext(at + 1);
      }}
    >
      {STRINGS.goToKeyImage(at + 1, ways.length)}
    </button>
  );
}
