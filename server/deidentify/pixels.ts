import { number, type Part10, text } from '../dicom/read.ts';
import { syntaxOf } from '../dicom/syntax.ts';
import { Fault } from '../shared/fault.ts';

/**
 * Refuses what may show its patient: text that is said to be burned in, kinds of images that usually have it and do not say that they have none, and
 * bits beside those of the pixels, which once held overlays. Throws COPY_REFUSED.
 */
export function assertPixelsTellNothing(image: Part10, own: boolean): void {
  const { dataset, pixels } = image;
  const SOPClassUID = text(dataset, 'SOPClassUID') ?? '';
  const said = text(dataset, 'BurnedInAnnotation');
  if (said === 'YES') refuse('BurnedInAnnotation is YES: text is written in the pixels');
  if (own) return;
  if (pixels.length === 0) refuse(`${SOPClassUID} is no image`);
  if (
    said !== 'NO' &&
    USUALLY_WRITTEN_ON.some((uid) => SOPClassUID === uid || SOPClassUID.startsWith(`${uid}.`))
  )
    refuse(
      `BurnedInAnnotation is absent, and images of class ${SOPClassUID} usually have text in their pixels`,
    );
  if (hasOtherBits(image)) refuse('there are bits beside those of the pixels: they may be an overlay');
}

/** Secondary capture, ultrasound, visible light and video; whatever a person photographs or types on. */
const USUALLY_WRITTEN_ON = [
  '1.2.840.10008.5.1.4.1.1.7',
  '1.2.840.10008.5.1.4.1.1.6',
  '1.2.840.10008.5.1.4.1.1.3',
  '1.2.840.10008.5.1.4.1.1.77.1',
] as const;

/** Of native pixels of 16 bits: other than zeros, or than the sign, above High Bit (PS3.5 §8.1.1). */
function hasOtherBits({ dataset, pixels, TransferSyntaxUID }: Part10): boolean {
  const high = number(dataset, 'HighBit') ?? 15;
  if (syntaxOf(TransferSyntaxUID).encapsulated || number(dataset, 'BitsAllocated') !== 16 || high >= 15)
    return false;
  const signed = number(dataset, 'PixelRepresentation') === 1;
  return pixels.some((frame) => {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    for (let at = 0; at + 1 < frame.length; at += 2) {
      const above = signed ? view.getInt16(at, true) >> high : view.getUint16(at, true) >>> (high + 1);
      if (above !== 0 && !(signed && above === -1)) return true;
    }
    return false;
  });
}

function refuse(why: string): never {
  throw new Fault('COPY_REFUSED', why);
}
