/** Pixels of 12 bits in 16, without a sign, one value each (PS3.3 C.7.6.3). */
export const GREY = {
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  BitsAllocated: 16,
  BitsStored: 12,
  HighBit: 11,
  PixelRepresentation: 0,
} as const;
