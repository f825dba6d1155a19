import { useState } from 'react';
import type { KeyImage } from '../lib/key-images.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly images: readonly KeyImage[];
  /** Brings one into view; undefined: the viewer cannot. */
  readonly wayTo: (image: KeyImage) => (() => void) | undefined;
}

/** Steps through key images, those that the viewer has, and says how many it lacks; after the last comes the first. */
export function GoToKeyImage({ images, wayTo }: Props) {
  const [next, setNext] = useState(0);
  const ways = images.map((image) => wayTo(image)).filter((way) => way !== undefined);
  const missing = images.length - ways.length;
  const at = next % ways.length;
  const go = ways[at];
  return (
    <>
      {missing > 0 && <span className="pel-t2">{STRINGS.keyImagesMissing(missing, images.length)}</span>}
      {go && (
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
      )}
    </>
  );
}
