import type { Volume } from '../../server/contracts.ts';
import { imageResolution, volumeResolution } from '../../server/explain/resolution.ts';
import type { SegmentationSpec } from '../../server/models/schema.ts';

const image = (PixelSpacing: Volume['PixelSpacing']) =>
  ({ shape: [1, 2000, 2500], PixelSpacing }) as Pick<Volume, 'shape' | 'PixelSpacing'>;

test.each([
  [image(null), 'The model sees the image as 200 × 250 pixels.'],
  // 2000 rows of 0.16 mm on 200 rows; 2500 columns of 0.2 mm on 250.
  [image(['0.16', '0.2']), 'The model sees the image as 200 × 250 pixels of 1.6 × 2 mm.'],
])('an image is seen at the size that the model reads: %j', (volume, words) => {
  expect(imageResolution([3, 200, 250], volume)).toBe(words);
});

const SPACING = { step: 'spacing', mm: [2.5, 1.25, 1.25], interpolation: 'linear' };
test.each([
  ['the source', 'source', [], 'The model sees the voxels of the source.'],
  ['conform', 'conform', [{ step: 'minmax' }], 'The model sees voxels of 1 × 1 × 1 mm.'],
  ['a spacing', 'source', [SPACING, { step: 'zscore' }], 'The model sees voxels of 2.5 × 1.25 × 1.25 mm.'],
  [
    'a size',
    'conform',
    [{ step: 'resize', size: [96, 96, 96] }],
    'The model sees the volume as 96 × 96 × 96 voxels.',
  ],
])('a volume is seen at the last resolution of its preparation: %s', (_, grid, steps, words) => {
  expect(volumeResolution({ tensor: 'x', grid, steps } as unknown as SegmentationSpec['input'])).toBe(words);
});
