import { readUnreported, referredIn } from '../../ohif-extension/src/lib/unreported.ts';
import { encode } from '../../server/encode/index.ts';
import { brainCase } from '../encode/fixtures.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';
import { dicomJson } from './documents.ts';

const kit = (...parts: readonly string[]) => dicomJson(kitBytes('F_reference_objects', ...parts));

test('our own masks and maps are referred to by their report, so none is without one', () => {
  const objects = encode(brainCase());
  const isKnown = referredIn(
    objects.filter(({ kind }) => kind === 'SR').map(({ bytes }) => dicomJson(bytes)),
  );
  const found = objects.filter(({ bytes }) => readUnreported(dicomJson(bytes)));
  expect(found.map(({ kind }) => kind)).toContain('SEG');
  expect(found.filter(({ SeriesInstanceUID }) => !isKnown(SeriesInstanceUID))).toEqual([]);
});

test('without a report, each is without one; a UID that only begins like another is not that one', () => {
  expect(referredIn([])('1.2.3')).toBe(false);
  expect(referredIn([{ '0020000E': { vr: 'UI', Value: ['1.2.34'] } }])('1.2.3')).toBe(false);
  expect(referredIn([{ '0020000E': { vr: 'UI', Value: ['1.2.34'] } }])('1.2.34')).toBe(true);
});

describeWithKit('of other makers', () => {
  test.each([
    [
      'dcmqi, by a person with a program',
      ['dcmqi', 'segmentations_liver.dcm'],
      {
        kind: 'masks',
        name: 'Liver Segmentation',
        holds: ['Liver'],
        algorithms: [{ name: 'SlicerEditor', type: 'SEMIAUTOMATIC' }],
        maker: 'QIICR https://github.com/fedorov/dcmqi.git',
      },
    ],
    [
      'dcmqi, by hand: no algorithm is named',
      ['dcmqi', 'sr-example_seg.dcm'],
      { holds: ['Neoplasm, Primary'], algorithms: [{ name: '', type: 'MANUAL' }] },
    ],
    [
      'dcmqi, a label map: its background is no structure',
      ['dcmqi', 'segmentations_sparse-labelmap-noppv.dcm'],
      {
        kind: 'masks',
        name: 'Segmentation',
        holds: ['Liver'],
        algorithms: [{ name: 'SlicerEditor', type: 'SEMIAUTOMATIC' }],
      },
    ],
    [
      'highdicom, two segments of one program: it is named once, and a title is not made up',
      ['highdicom', 'seg_image_ct_binary_overlap.dcm'],
      {
        name: '',
        holds: ['first segment', 'second segment'],
        algorithms: [{ name: 'test', type: 'AUTOMATIC' }],
        maker: 'Manufacturer Model',
      },
    ],
    [
      'highdicom, a map',
      ['pydicom', 'parametric_map_float.dcm'],
      { kind: 'map', name: '', holds: ['feature_001'], algorithms: [], maker: 'MyManufacturer MyModel' },
    ],
  ])('%s', (_, file, expected) => {
    expect(readUnreported(kit(...file))).toMatchObject(expected);
  });

  test('an image or a report is neither masks nor a map', () => {
    expect(readUnreported(kit('highdicom', 'ct_image.dcm'))).toBeUndefined();
    expect(readUnreported(kit('dcmqi', 'sr-example_sr.dcm'))).toBeUndefined();
  });

  test('the report of dcmqi refers to its masks, and not to those of others', () => {
    const isKnown = referredIn([kit('dcmqi', 'sr-example_sr.dcm')]);
    const uid = (file: string) => readUnreported(kit('dcmqi', file))?.SOPInstanceUID ?? '';
    expect(isKnown(uid('sr-example_seg.dcm'))).toBe(true);
    expect(isKnown(uid('segmentations_liver.dcm'))).toBe(false);
  });
});
