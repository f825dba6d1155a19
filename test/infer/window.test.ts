import type { Volume } from '../../server/contracts.ts';
import { windowOf } from '../../server/infer/window.ts';

const volume = (header: Record<string, unknown>, more: Partial<Volume> = {}): Volume =>
  ({
    header,
    data: Float32Array.from([-2000, 0, 100, 400]),
    padding: null,
    inverted: false,
    ...more,
  }) as unknown as Volume;

test.each([
  // PS3.3 C.11.2.1.2: c = 40, w = 400 → ((x − 39.5) / 399 + 0.5) · 255, clamped.
  ['LINEAR', volume({ WindowCenter: [40], WindowWidth: [400] }), 'header', 39.5, 127.5],
  ['LINEAR, lower end', volume({ WindowCenter: 40, WindowWidth: 400 }), 'header', -160, 0],
  ['LINEAR, upper end', volume({ WindowCenter: 40, WindowWidth: 400 }), 'header', 239, 255],
  // C.11.2.1.3.2: (x − c) / w + 0.5
  [
    'LINEAR_EXACT',
    volume({ WindowCenter: 127.5, WindowWidth: 255, VOILUTFunction: 'LINEAR_EXACT' }),
    'header',
    200,
    200,
  ],
  ['exact by choice', volume({ WindowCenter: 127.5, WindowWidth: 255 }), 'exact', 200, 200],
  ['no window: minimum to maximum', volume({}), 'header', 400, 255],
  ['padding is no minimum', volume({}, { padding: -2000 }), 'full', 100, 63.75],
  ['MONOCHROME1 is turned round', volume({}, { inverted: true, padding: -2000 }), 'full', 100, 191.25],
] as const)('%s', (_, image, choice, value, shown) => {
  expect(windowOf(image, choice)(value)).toBeCloseTo(shown, 6);
});
