import type { ReactNode } from 'react';
import type { ElementCard as Element } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Card } from './card.tsx';

/** One of the five elements of interpretability: given with its method, or absent with the reason. */
export function ElementCard({ element, children }: { element: Element; children?: ReactNode }) {
  const { title, formal } = STRINGS.elements[element.name];
  if (element.state === 'absent') {
    const sentence = element.reason ? STRINGS.absentBecause(element.reason) : STRINGS.absentUnexplained;
    return (
      <Card icon={element.name} title={title} keyWord={STRINGS.absent} sentence={sentence} isAbsent>
        <p className="formal">{formal}</p>
      </Card>
    );
  }
  return (
    <Card icon={element.name} title={title} sentence={element.sentence}>
      {element.method && <p>{STRINGS.method(element.method)}</p>}
      {children}
      <p className="formal">{formal}</p>
    </Card>
  );
}
