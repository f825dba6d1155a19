import type { Volume } from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import { functionalGroup, items, type Part10, text } from '../dicom/read.ts';

/**
 * What the values are after the modality LUT (PS3.3 C.11.1.1.2, C.8.9.1.1.3): Hounsfield units of CT, SUVbw and Bq/ml of PET.
 * Null when the image does not say: never guessed.
 */
export function unitOf({ dataset }: Part10): Volume['unit'] {
  const modality = text(dataset, 'Modality');
  if (modality === 'PT') return petUnit(dataset);
  const transformation = functionalGroup(dataset, 0, 'PixelValueTransformationSequence');
  const table = items(dataset, 'ModalityLUTSequence')[0];
  const type = table ? text(table, 'ModalityLUTType') : text(transformation ?? dataset, 'RescaleType');
  // A plain CT need not say it; a localizer or a derived image may be something else.
  const isPlainCt = modality === 'CT' && type === undefined && !table;
  return type === 'HU' || isPlainCt ? UNITS.hu : null;
}

function petUnit(dataset: Part10['dataset']): Volume['unit'] {
  const units = text(dataset, 'Units');
  if (units === 'BQML') return UNITS.bqml;
  // SUVType is absent for body weight (PS3.3 C.8.9.1).
  return units === 'GML' && (text(dataset, 'SUVType') ?? 'BW') === 'BW' ? UNITS.suvbw : null;
}
