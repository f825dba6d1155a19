import type { Volume } from '../contracts.ts';
import { texts } from '../dicom/read.ts';
import type { Region } from '../explanation.ts';

/**
 * Where a region's centre lies on a projection, in a reader's words: `right lower zone` (patient's right) when
 * PatientOrientation says where the rows and columns run, else `left lower part of the image`.
 */
export function placeOf(region: Region, volume: Volume): string {
  const [, rows, columns] = volume.shape;
  const across = (region.left + region.right) / 2 / columns;
  const down = (region.top + region.bottom) / 2 / rows;
  const [rowDirection = '', columnDirection = ''] = texts(volume.header, 'PatientOrientation');
  const upright = columnDirection.startsWith('F');
  const height = ['upper', 'middle', 'lower'][Math.min(2, Math.floor(down * 3))] as string;
  if (upright && rowDirection.startsWith('L')) return `${across < 0.5 ? 'right' : 'left'} ${height} zone`;
  if (upright && rowDirection.startsWith('R')) return `${across < 0.5 ? 'left' : 'right'} ${height} zone`;
  return `${across < 0.5 ? 'left' : 'right'} ${height} part of the image`;
}
