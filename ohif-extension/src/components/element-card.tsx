import type { ReactNode } from 'react';
import type { ElementCard as Element } from '../lib/result.ts';
import { sentencesOf } from '../lib/sentences.ts';
import { STRINGS } from '../strings.ts';
import { Card } from './card.tsx';
import { Said } from './said.tsx';

interface Props {
  readonly element: Element;
  /** The number that matters most, with its unit. */
  readonly keyWord?: string | undefined;
  readonly children?: ReactNode;
}

/**
 * One of the five elements of interpretability: given with its number, one sentence and on demand the rest and its method, or absent with the
 * reason. Where the evidence lies is never said without what speaks against that place.
 */
export function ElementCard({ element, keyWord, children }: Props) {
  const { title, formal } = STRINGS.elements[element.name];
  if (element.state === 'absent') {
    const sentence = element.reason ? STRINGS.absentBecause(element.reason) : STRINGS.absentUnexplained;
    return (
      <Card icon={element.name} title={title} keyWord={STRINGS.absent} sentence={sentence} isAbsent>
        <p className="formal">{formal}</p>
      </Card>
    );
  }
  const [first = '', ...others] =
    element.name === 'localization' ? [element.sentence] : sentencesOf(element.sentence);
  return (
    <Card
      icon={element.name}
      title={title}
      keyWord={keyWord}
      sentence={<Said>{first}</Said>}
      rest={others.join(' ')}
    >
      {element.method && <p>{STRINGS.method(element.method)}</p>}
      {children}
      <p className="formal">{formal}</p>
    </Card>
  );
}
