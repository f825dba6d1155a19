import { type CodedConcept, codeOf, type DicomJson, items, number, sameCode, text } from './dicom-json.ts';

/** Content items of a structured report (PS3.3 C.17.3), found by concept name, not by position. */

type Concept = Pick<CodedConcept, 'value' | 'scheme'>;

export const childrenOf = (item: DicomJson): readonly DicomJson[] => items(item, 'ContentSequence');
export const nameOf = (item: DicomJson): CodedConcept | undefined => codeOf(item, 'ConceptNameCodeSequence');
export const valueTypeOf = (item: DicomJson): string | undefined => text(item, 'ValueType');

/** Children with this concept name, and value type if given. */
export const findAll = (parent: DicomJson, name: Concept, valueType?: string): readonly DicomJson[] =>
  childrenOf(parent).filter(
    (child) => sameCode(nameOf(child), name) && (valueType === undefined || valueTypeOf(child) === valueType),
  );

export const find = (parent: DicomJson, name: Concept, valueType?: string): DicomJson | undefined =>
  findAll(parent, name, valueType)[0];

export function textUnder(parent: DicomJson, name: Concept): string | undefined {
  const item = find(parent, name, 'TEXT');
  return item && text(item, 'TextValue');
}

export function uidUnder(parent: DicomJson, name: Concept): string | undefined {
  const item = find(parent, name, 'UIDREF');
  return item && text(item, 'UID');
}

export function codeUnder(parent: DicomJson, name: Concept): CodedConcept | undefined {
  const item = find(parent, name, 'CODE');
  return item && codeOf(item, 'ConceptCodeSequence');
}

export interface Quantity {
  readonly value: number;
  readonly unit: string;
}

/** Value of a NUM item; the float when there is one, for decimal strings are shortened. */
export function quantityOf(item: DicomJson): Quantity | undefined {
  const measured = items(item, 'MeasuredValueSequence')[0];
  const value = measured && (number(measured, 'FloatingPointValue') ?? number(measured, 'NumericValue'));
  if (!measured || value === undefined) return undefined;
  return { value, unit: codeOf(measured, 'MeasurementUnitsCodeSequence')?.value ?? '' };
}

export function quantityUnder(parent: DicomJson, name: Concept): Quantity | undefined {
  const item = find(parent, name, 'NUM');
  return item && quantityOf(item);
}
