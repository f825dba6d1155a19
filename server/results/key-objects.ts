import { type Code, code } from '../dicom/code.ts';
import { type Part10, text } from '../dicom/read.ts';
import { all, children, imagesOf, nameOf, typeOf } from './content.ts';
import type { Reference } from './references.ts';

const KEY_OBJECT_DESCRIPTION = code('113012', 'DCM', 'Key Object Description');

export interface KeyObjects {
  readonly kind: 'key objects';
  /** Why they were selected. */
  readonly title?: Code;
  readonly description?: string;
  readonly images: readonly Reference[];
}

/** Key Object Selection (PS3.3 A.35.4). */
export function readKeyObjects({ dataset }: Part10): KeyObjects {
  const title = nameOf(dataset);
  const description = all(dataset, KEY_OBJECT_DESCRIPTION).flatMap(
    (item) => text(item, 'TextValue') ?? [],
  )[0];
  return {
    kind: 'key objects',
    ...(title ? { title } : {}),
    ...(description ? { description } : {}),
    images: children(dataset)
      .filter((item) => typeOf(item) === 'IMAGE')
      .flatMap(imagesOf),
  };
}
