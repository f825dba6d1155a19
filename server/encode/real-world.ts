import type { Writable } from '../dicom/write.ts';
import type { ExplanationMap } from '../explanation.ts';
import { CONCEPTS, codeItem } from './concepts.ts';
import { clip, label, plain } from './text.ts';

/** From which stored value to which the mapping holds, and how: value = slope × stored + intercept. */
export interface Mapping {
  readonly slope: number;
  readonly intercept: number;
  /** First and last value mapped, under the keywords for integers or for floats. */
  readonly mapped: Writable;
}

/** What the stored numbers of a map mean: its quantity and unit, by code (PS3.3 C.7.6.16.2.11). */
export const realWorldValues = (map: ExplanationMap, { slope, intercept, mapped }: Mapping): Writable => ({
  RealWorldValueMappingSequence: [
    {
      ...mapped,
      RealWorldValueSlope: slope,
      RealWorldValueIntercept: intercept,
      LUTLabel: label(map.name),
      LUTExplanation: clip(`${map.name}: ${map.method}`, 64),
      MeasurementUnitsCodeSequence: [codeItem(map.unit)],
      QuantityDefinitionSequence: [
        {
          ValueType: 'CODE',
          ConceptNameCodeSequence: [codeItem(CONCEPTS.quantity)],
          ConceptCodeSequence: [codeItem(map.quantity)],
        },
        // LUT Explanation has room for 64 characters.
        {
          ValueType: 'TEXT',
          ConceptNameCodeSequence: [codeItem(CONCEPTS.measurementMethod)],
          TextValue: plain(map.method),
        },
      ],
    },
  ],
});
