import type { VolumeActor } from '../host.ts';

/**
 * Makes a mask in a plane through a volume as opaque as it is told to be: the host shows an opacity of α as
 * 1 − (1 − α)^(sample distance / unit distance). Answers whether there was anything to set.
 */
export function makeOpacityTrue(mask: VolumeActor): boolean {
  const property = mask.getProperty();
  const distance = mask.getMapper().getSampleDistance();
  if (property.getScalarOpacityUnitDistance(0) === distance) return false;
  property.setScalarOpacityUnitDistance(0, distance);
  property.getScalarOpacity(0).modified();
  return true;
}
