import { infer } from '../../server/infer/infer.ts';
import { loadModel } from '../../server/models/load.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { instance } from '../helpers/series.ts';

/** A trunk drawn by hand on the model's own grid, 4 slices of 64 × 96 voxels: so nothing is interpolated, and what is meant is known. */
const ROWS = 64;
const COLUMNS = 96;
const THINGS: readonly { what: string; rows: [number, number]; columns: [number, number]; hu: number }[] = [
  { what: 'trunk of soft tissue', rows: [8, 52], columns: [10, 86], hu: 40 },
  { what: 'layer of fat in front', rows: [8, 20], columns: [10, 86], hu: -100 },
  { what: 'right lung', rows: [24, 44], columns: [20, 42], hu: -800 },
  { what: 'left lung', rows: [24, 44], columns: [54, 76], hu: -800 },
  { what: 'airway', rows: [28, 40], columns: [46, 52], hu: -1000 },
  { what: 'spine', rows: [40, 52], columns: [43, 53], hu: 600 },
  { what: 'table', rows: [57, 63], columns: [0, 96], hu: 100 },
];
const huAt = (row: number, column: number): number =>
  THINGS.findLast(
    ({ rows, columns }) => row >= rows[0] && row < rows[1] && column >= columns[0] && column < columns[1],
  )?.hu ?? -1000;

const slices = [0, 1, 2, 3].map((z) =>
  instance({
    dataset: {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
      SOPInstanceUID: `1.2.3.${z + 1}`,
      StudyInstanceUID: '1.2.3',
      SeriesInstanceUID: '1.2.3.0',
      FrameOfReferenceUID: '1.2.3.9',
      Modality: 'CT',
      PatientID: 'KIT-1',
      Rows: ROWS,
      Columns: COLUMNS,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      RescaleSlope: 1,
      RescaleIntercept: -1024,
      RescaleType: 'HU',
      ImagePositionPatient: [0, 0, 2.5 * z],
      ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
      PixelSpacing: [1.25, 1.25],
    },
    pixels: Uint16Array.from(
      { length: ROWS * COLUMNS },
      (_, i) => huAt(Math.floor(i / COLUMNS), i % COLUMNS) + 1024,
    ),
  }),
);

const labels = async (): Promise<Uint8Array | Uint16Array> => {
  const model = await loadModel('models/ct-body-basics', []);
  const volume = await assembleVolume(slices, 4, model.spec.accepts);
  const { labelMap } = await infer(model, volume, { threads: 1 });
  return labelMap?.data ?? new Uint8Array();
};

test.each<[string, number, number, number]>([
  ['the air around the body is outside', 4, 48, 0],
  ['fat', 14, 48, 2],
  ['soft tissue', 22, 48, 3],
  ['right lung', 34, 30, 1],
  ['left lung', 34, 65, 1],
  ['air in an airway is no lung', 34, 48, 0],
  ['bone', 45, 48, 4],
  ['the air between back and table is outside', 54, 48, 0],
  ['a table of 7.5 mm is outside', 60, 48, 0],
])('%s', async (_, row, column, label) => {
  const found = await labels();
  for (const z of [0, 1, 2, 3]) expect(found[(z * ROWS + row) * COLUMNS + column]).toBe(label);
});

test('a lung is the voxels whose mean over 5 × 5 lies between −950 and −250 HU (by hand)', async () => {
  const found = await labels();
  // Across the middle row of the right lung: −800 in 22 columns between 40 HU. Of a mean over 5 columns, n of them lung:
  // (−800 n + 40 (5 − n)) / 5 < −250 for n ≥ 2, so one column more on each side.
  const row = found.slice(34 * COLUMNS, 34 * COLUMNS + 44);
  expect([row.indexOf(1), row.lastIndexOf(1)]).toEqual([19, 42]);
});

test('the package is accepted as it is', async () => {
  expect((await loadModel('models/ct-body-basics', [])).notAccepted).toBeUndefined();
});
