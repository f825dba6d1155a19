import type { Code } from '../dicom/code.ts';
import { decimalString } from '../dicom/value.ts';
import type { Writable } from '../dicom/write.ts';
import { codeItem } from './concepts.ts';
import { plain } from './text.ts';

/** Builders of SR content items (PS3.3 C.17.3). Every item has a name but images of the library: readers fail without one. */

export type Relationship =
  | 'CONTAINS'
  | 'HAS CONCEPT MOD'
  | 'HAS OBS CONTEXT'
  | 'HAS ACQ CONTEXT'
  | 'INFERRED FROM'
  | 'SELECTED FROM'
  | 'HAS PROPERTIES';

interface Head {
  readonly name?: Code;
  readonly relationship?: Relationship;
  readonly children?: readonly Writable[];
}

const item = (
  ValueType: string,
  { name, relationship = 'CONTAINS', children = [] }: Head,
  value: Writable,
): Writable => ({
  RelationshipType: relationship,
  ValueType,
  ...(name ? { ConceptNameCodeSequence: [codeItem(name)] } : {}),
  ...value,
  ...(children.length > 0 ? { ContentSequence: children } : {}),
});

export const codeValue = (name: Code, value: Code, head: Omit<Head, 'name'> = {}): Writable =>
  item('CODE', { ...head, name }, { ConceptCodeSequence: [codeItem(value)] });

export const textValue = (name: Code, value: string, head: Omit<Head, 'name'> = {}): Writable =>
  item('TEXT', { ...head, name }, { TextValue: plain(value) });

export const personValue = (name: Code, person: string, head: Omit<Head, 'name'> = {}): Writable =>
  item('PNAME', { ...head, name }, { PersonName: person });

export const uidValue = (name: Code, UID: string, head: Omit<Head, 'name'> = {}): Writable =>
  item('UIDREF', { ...head, name }, { UID });

/** A measurement; the binary value is added where 16 characters do not hold it (PS3.3 C.18.1). */
export function numberValue(name: Code, value: number, unit: Code, head: Omit<Head, 'name'> = {}): Writable {
  const NumericValue = decimalString(value);
  return item(
    'NUM',
    { ...head, name },
    {
      MeasuredValueSequence: [
        {
          NumericValue,
          ...(Number(NumericValue) === value ? {} : { FloatingPointValue: value }),
          MeasurementUnitsCodeSequence: [codeItem(unit)],
        },
      ],
    },
  );
}

/** An image or a part of it: `reference` as instanceOf() or frameOf() gives it. */
export const imageValue = (reference: Writable, head: Head = {}): Writable =>
  item('IMAGE', head, { ReferencedSOPSequence: [reference] });

interface Drawn {
  readonly image: Writable;
  readonly relationship: Relationship;
}

/** A closed or open line in (column, row) from the top left corner of the top left pixel (PS3.3 C.18.6), on one image. */
export const polyline = (
  name: Code,
  points: readonly (readonly [number, number])[],
  drawn: Drawn,
): Writable => graphic(name, { ...drawn, type: 'POLYLINE', points });

/** The same of any shape that points make. */
export const graphic = (
  name: Code,
  {
    type,
    points,
    image,
    relationship,
  }: Drawn & {
    readonly type: 'POLYLINE' | 'ELLIPSE';
    readonly points: readonly (readonly [number, number])[];
  },
): Writable =>
  item(
    'SCOORD',
    { name, relationship, children: [image] },
    { GraphicType: type, GraphicData: points.flat() },
  );

export const container = (name: Code, children: readonly Writable[], template?: string): Writable =>
  item(
    'CONTAINER',
    { name, children },
    {
      ContinuityOfContent: 'SEPARATE',
      ...(template
        ? { ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: template }] }
        : {}),
    },
  );
