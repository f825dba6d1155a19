import { type Code, LATERALITIES } from '../dicom/code.ts';
import { codeOf, type Dataset, items, number, text } from '../dicom/read.ts';
import { type Reference, referencesOf } from './references.ts';

/** SR content items (PS3.3 C.17.3) by name. A concept is its code value in any scheme: SRT and SCT name the same things, dcmjs and others still write SRT. */

export const children = (item: Dataset): readonly Dataset[] => items(item, 'ContentSequence');

export const nameOf = (item: Dataset): Code | undefined => codeOf(item, 'ConceptNameCodeSequence');

export const isNamed = (item: Dataset, ...concepts: readonly Code[]): boolean => {
  const name = nameOf(item);
  return name !== undefined && concepts.some((c) => c.value === name.value);
};

export const typeOf = (item: Dataset): string => text(item, 'ValueType') ?? '';

export const all = (item: Dataset, ...concepts: readonly Code[]): readonly Dataset[] =>
  children(item).filter((child) => isNamed(child, ...concepts));

export const codeUnder = (item: Dataset, ...concepts: readonly Code[]): Code | undefined =>
  all(item, ...concepts).flatMap((child) => codeOf(child, 'ConceptCodeSequence') ?? [])[0];

/** Words or a UID. */
export const textUnder = (item: Dataset, ...concepts: readonly Code[]): string | undefined =>
  all(item, ...concepts).flatMap((child) => text(child, 'TextValue') ?? text(child, 'UID') ?? [])[0];

/** Sides by their values in SCT and, as others still write them, in SRT. */
const SIDES = new Map<string, Code>([
  ...Object.values(LATERALITIES).map((side): [string, Code] => [side.value, side]),
  ['G-A100', LATERALITIES.right],
  ['G-A101', LATERALITIES.left],
  ['G-A102', LATERALITIES.both],
  ['G-A103', LATERALITIES.one],
]);

/** The first of these codes that is a side. */
export const sideOf = (codes: readonly (Code | undefined)[]): Code | undefined =>
  codes.map((c) => SIDES.get(c?.value ?? '')).find((side) => side !== undefined);

export const imagesOf = (item: Dataset): readonly Reference[] => referencesOf(item, 'ReferencedSOPSequence');

export interface Measurement {
  readonly name: Code;
  readonly value: number;
  readonly unit?: Code;
  /** How it was measured, and which of several it is. */
  readonly modifiers: readonly { readonly name: Code; readonly value: Code }[];
}

/** A NUM item; undefined when it has no value, which is legal and means "not available". */
export function measurementOf(item: Dataset): Measurement | undefined {
  const name = nameOf(item);
  const [measured] = items(item, 'MeasuredValueSequence');
  const value = measured && (number(measured, 'FloatingPointValue') ?? number(measured, 'NumericValue'));
  if (!name || value === undefined) return undefined;
  const unit = codeOf(measured ?? {}, 'MeasurementUnitsCodeSequence');
  return { name, value, ...(unit ? { unit } : {}), modifiers: children(item).flatMap(codedOf) };
}

export const codedOf = (item: Dataset): readonly { readonly name: Code; readonly value: Code }[] => {
  const [name, value] = [nameOf(item), codeOf(item, 'ConceptCodeSequence')];
  return name && value ? [{ name, value }] : [];
};

/** A place as the document draws it: points in (column, row) of an image, or in mm of a frame of reference. */
export interface Place {
  readonly shape: string;
  readonly points: readonly (readonly number[])[];
  readonly image?: Reference;
  readonly FrameOfReferenceUID?: string;
}

/** A SCOORD or SCOORD3D item (PS3.3 C.18.6, C.18.9). */
export function placeOf(item: Dataset): Place {
  const is3D = typeOf(item) === 'SCOORD3D';
  const numbers = [item.GraphicData].flat().map(Number);
  const step = is3D ? 3 : 2;
  const image = children(item).flatMap(imagesOf)[0];
  const FrameOfReferenceUID = text(item, 'ReferencedFrameOfReferenceUID');
  return {
    shape: text(item, 'GraphicType') ?? '',
    points: Array.from({ length: Math.floor(numbers.length / step) }, (_, i) =>
      numbers.slice(i * step, (i + 1) * step),
    ),
    ...(image ? { image } : {}),
    ...(is3D && FrameOfReferenceUID ? { FrameOfReferenceUID } : {}),
  };
}
