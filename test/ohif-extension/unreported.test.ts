import { type DicomJson, text } from '../../ohif-extension/src/lib/dicom-json.ts';
import { readUnreported, referredIn } from '../../ohif-extension/src/lib/unreported.ts';
import type { ObjectKind, OptionalKind } from '../../server/contracts.ts';
import { SOPInstanceUID } from '../../server/dicom/uid.ts';
import { encode } from '../../server/encode/index.ts';
import { keyFrames } from '../../server/encode/key-frames.ts';
import { brainCase, type Case, chestCase } from '../encode/fixtures.ts';
import { sourceCase } from '../encode/sources.ts';
import { keyObjectsByHighdicom } from '../helpers/key-objects.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';
import { dicomJson } from './documents.ts';

const kit = (...parts: readonly string[]) => dicomJson(kitBytes('F_reference_objects', ...parts));

const ALSO: readonly OptionalKind[] = ['KOS', 'PDF', 'LABELMAP'];
const headersOf = (results: Case, kind: ObjectKind) =>
  encode(results, ALSO)
    .filter((object) => object.kind === kind)
    .map(({ bytes }) => dicomJson(bytes));

test.each([
  ['of a series', brainCase()],
  ['of a picture', chestCase()],
])(
  '%s: our own masks and maps are referred to by their report, key images and the page are known as written with it',
  (_, results) => {
    const [report = {}] = headersOf(results, 'SR');
    const isKnown = referredIn([report]);
    const found = encode(results, ALSO).flatMap(({ kind, bytes, SeriesInstanceUID }) => {
      const read = readUnreported(dicomJson(bytes), [report]);
      return read && !isKnown(SeriesInstanceUID) ? [{ kind, read }] : [];
    });
    expect(found.map(({ kind, read }) => [kind, read.kind, read.writtenWith])).toEqual([
      ['KOS', 'keyImages', text(report, 'SOPInstanceUID')],
      ['PDF', 'page', text(report, 'SOPInstanceUID')],
    ]);
  },
);

test('key images are those frames that were selected', async () => {
  const results = brainCase();
  const [selection = {}] = headersOf(results, 'KOS');
  const frames = new Set(keyFrames(results.prediction, results.explanation, 4).flat());
  expect(frames.size).toBeGreaterThan(0);
  expect(readUnreported(selection, [])?.images).toEqual(
    [...frames].map((frame) => ({
      SOPInstanceUID: results.volume.frames[frame]?.SOPInstanceUID,
    })),
  );
  const cine = await sourceCase('US cine');
  const ofCine = keyFrames(cine.prediction, cine.explanation, cine.volume.frames.length).flat();
  const [selectionOfCine = {}] = headersOf(cine, 'KOS');
  // Frames of one object count from 1.
  expect(readUnreported(selectionOfCine, [])?.images.map(({ frame }) => frame)).toEqual(
    [...new Set(ofCine)].map((frame) => frame + 1),
  );
});

const withModel = (results: Case, DeviceUID: string): Case => ({
  ...results,
  prediction: { ...results.prediction, model: { ...results.prediction.model, DeviceUID } },
});
const at = (results: Case, createdAt: string): Case => ({ ...results, job: { ...results.job, createdAt } });

test.each([
  ['another model, at the same moment', withModel(chestCase(), '1.2.3')],
  ['the same model at another time', at(chestCase(), '2026-11-24T10:11:59.000Z')],
  [
    'the same model at the same moment, of another series',
    ofOther(chestCase(), '1.2.826.0.1.3680043.8.498.77'),
  ],
])('of %s: key images are not of that report, and its page is nobody’s', (_, other) => {
  const [report = {}] = headersOf(chestCase(), 'SR');
  const [own = {}] = headersOf(other, 'SR');
  const [keys = {}] = headersOf(other, 'KOS');
  const [page = {}] = headersOf(other, 'PDF');
  expect(readUnreported(keys, [report])).not.toHaveProperty('writtenWith');
  expect(readUnreported(keys, [report, own])?.writtenWith).toBe(text(own, 'SOPInstanceUID'));
  expect(readUnreported(page, [report])).toBeUndefined();
  expect(readUnreported(page, [report, own])?.writtenWith).toBe(text(own, 'SOPInstanceUID'));
});

/** The same, of images of another UID. */
function ofOther({ volume, ...results }: Case, uid: string): Case {
  const frames = volume.frames.map((frame) => ({ ...frame, SOPInstanceUID: SOPInstanceUID.parse(uid) }));
  return { ...results, volume: { ...volume, frames } };
}

const SELECTION = {
  '00080016': { Value: ['1.2.840.10008.5.1.4.1.1.88.59'] },
  '00080018': { Value: ['1.9'] },
};
const image = (reference: DicomJson): DicomJson => ({
  ...SELECTION,
  '0040A730': { Value: [{ '0040A040': { Value: ['IMAGE'] }, '00081199': { Value: [reference] } }] },
});
test.each<[string, DicomJson, readonly unknown[]]>([
  ['nothing in it', SELECTION, []],
  ['content that is no list', { ...SELECTION, '0040A730': { Value: 'x' as unknown as [] } }, []],
  ['an image of no name', image({}), []],
  [
    'a frame that is no number',
    image({ '00081155': { Value: ['1.2'] }, '00081160': { Value: ['two'] } }),
    [{ SOPInstanceUID: '1.2' }],
  ],
  [
    'two frames of one image',
    image({ '00081155': { Value: ['1.2'] }, '00081160': { Value: [2, 5] } }),
    [
      { SOPInstanceUID: '1.2', frame: 2 },
      { SOPInstanceUID: '1.2', frame: 5 },
    ],
  ],
])('key images with %s: what can be read is, and is of no report', (_, selection, expected) => {
  const read = readUnreported(selection, [SELECTION]);
  expect(read?.images).toEqual(expected);
  expect(read).not.toHaveProperty('writtenWith');
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
    expect(readUnreported(kit(...file), [])).toMatchObject(expected);
  });

  test('key images of highdicom: their title, why, and which', () => {
    const image = kitBytes('F_reference_objects', 'highdicom', 'ct_image.dcm');
    const made = { title: 'ForReferringProvider', description: 'See the nodule.' };
    const read = readUnreported(dicomJson(keyObjectsByHighdicom([image], made)), []);
    expect(read).toMatchObject({
      kind: 'keyImages',
      name: 'For Referring Provider',
      holds: ['See the nodule.'],
      maker: 'highdicom',
    });
    expect(read?.images).toEqual([{ SOPInstanceUID: text(dicomJson(image), 'SOPInstanceUID') }]);
  });

  test('an image or a report is neither masks nor a map', () => {
    expect(readUnreported(kit('highdicom', 'ct_image.dcm'), [])).toBeUndefined();
    expect(readUnreported(kit('dcmqi', 'sr-example_sr.dcm'), [])).toBeUndefined();
  });

  test('the report of dcmqi refers to its masks, and not to those of others', () => {
    const isKnown = referredIn([kit('dcmqi', 'sr-example_sr.dcm')]);
    const uid = (file: string) => readUnreported(kit('dcmqi', file), [])?.SOPInstanceUID ?? '';
    expect(isKnown(uid('sr-example_seg.dcm'))).toBe(true);
    expect(isKnown(uid('segmentations_liver.dcm'))).toBe(false);
  });
});
