import type { Volume } from '../../server/contracts.ts';
import { UNITS } from '../../server/dicom/code.ts';
import type { Voi, VoiWindow } from '../../server/dicom/voi.ts';
import { windowName, windowOf } from '../../server/infer/window.ts';

const volume = (voi?: Voi, more: Partial<Volume> = {}): Volume =>
  ({
    ...(voi ? { voi } : {}),
    data: Float32Array.from([-2000, 0, 100, 400]),
    padding: null,
    inverted: false,
    unit: null,
    ...more,
  }) as unknown as Volume;

const window = (centre: number, width: number, shape: VoiWindow['shape'] = 'LINEAR', more = {}): Voi => ({
  window: { centre, width, shape },
  count: 1,
  ...more,
});
const TABLE = { entries: [0, 51, 255], firstMapped: -1, bits: 8 };

test.each([
  // PS3.3 C.11.2.1.2.1: c = 40, w = 400 → ((x − 39.5) / 399 + 0.5) · 255, clamped.
  ['LINEAR', volume(window(40, 400)), 'header', 39.5, 127.5],
  ['LINEAR, lower end', volume(window(40, 400)), 'header', -160, 0],
  ['LINEAR, upper end', volume(window(40, 400)), 'header', 239, 255],
  ['LINEAR of width 1, at the step', volume(window(40, 1)), 'header', 39.5, 0],
  ['LINEAR of width 1, above', volume(window(40, 1)), 'header', 39.51, 255],
  // C.11.2.1.3.2: (x − c) / w + 0.5
  ['LINEAR_EXACT', volume(window(127.5, 255, 'LINEAR_EXACT')), 'header', 200, 200],
  ['exact by choice', volume(window(127.5, 255)), 'exact', 200, 200],
  // C.11.2.1.3.1: 255 / (1 + exp(−4 (x − c) / w)); at c + w/4 it is 255 · e / (1 + e).
  ['SIGMOID', volume(window(100, 40, 'SIGMOID')), 'header', 110, (255 * Math.E) / (1 + Math.E)],
  ['a table goes before a window', volume({ ...window(40, 400), table: TABLE, count: 2 }), 'header', 0, 51],
  ['its ends hold outside', volume({ table: TABLE, count: 1 }), 'header', -900, 0],
  ['exact wants the window', volume(window(127.5, 255, 'LINEAR', { table: TABLE })), 'exact', 1, 1],
  ['no view: minimum to maximum', volume(), 'header', 400, 255],
  ['padding is no minimum', volume(undefined, { padding: -2000 }), 'full', 100, 63.75],
  ['MONOCHROME1 is turned round', volume(undefined, { inverted: true, padding: -2000 }), 'full', 100, 191.25],
  [
    'the window of the package',
    volume(window(1, 2), { unit: UNITS.hu }),
    { centre: -600, width: 1500, unit: 'HU' },
    -225,
    191.25,
  ],
] as const)('%s', (_, image, choice, value, shown) => {
  expect(windowOf(image, choice)(value)).toBeCloseTo(shown, 6);
});

test.each([
  ['header: LINEAR 40/400', volume(window(40, 400)), 'header'],
  ['header: LINEAR 40/400, first of 3 views', volume(window(40, 400, 'LINEAR', { count: 3 })), 'header'],
  ['exact: LINEAR_EXACT 40/400', volume(window(40, 400)), 'exact'],
  ['header: VOI LUT', volume({ table: TABLE, count: 1 }), 'header'],
  ['header: none, so full', volume(), 'header'],
  ['full', volume(window(40, 400)), 'full'],
  ['-600/1500 HU', volume(undefined, { unit: UNITS.hu }), { centre: -600, width: 1500, unit: 'HU' }],
] as const)('the record says %s', (name, image, choice) => {
  expect(windowName(image, choice)).toBe(name);
});

test('a window in Hounsfield units is not laid over other values', () => {
  const mr = volume();
  expect(() => windowOf(mr, { centre: 0, width: 1, unit: 'HU' })).toThrow(
    expect.objectContaining({
      code: 'MODEL_REFUSES_SERIES',
      detail: "the model's window is in HU, the values are arbitrary",
    }),
  );
});

test('a table that is not read is refused only where it is wanted', () => {
  const odd = volume({ ...window(40, 400), tableUnread: 'a lookup table holds no data' });
  expect(() => windowOf(odd, 'header')).toThrow(expect.objectContaining({ code: 'PIXELS_UNSUPPORTED' }));
  expect(windowOf(odd, 'exact')(40)).toBeCloseTo(127.5, 6);
  expect(windowOf(odd, 'full')(400)).toBe(255);
});
