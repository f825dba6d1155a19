import type { Writable } from '../dicom/write.ts';
import { CONCEPTS } from './concepts.ts';
import { codeValue, textValue, uidValue } from './content.ts';
import type { Context } from './context.ts';

/** TID 1004: the model observed. */
export function observer({ model }: Context): readonly Writable[] {
  const context = { relationship: 'HAS OBS CONTEXT' } as const;
  return [
    codeValue(CONCEPTS.observerType, CONCEPTS.device, context),
    uidValue(CONCEPTS.deviceUid, model.DeviceUID, context),
    textValue(CONCEPTS.deviceName, model.name, context),
    textValue(CONCEPTS.deviceManufacturer, model.manufacturer, context),
    textValue(CONCEPTS.deviceModel, model.name, context),
    textValue(CONCEPTS.deviceSerial, model.id, context),
  ];
}
