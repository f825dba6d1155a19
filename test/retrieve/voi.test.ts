import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Volume } from '../../server/contracts.ts';
import { windowOf } from '../../server/infer/window.ts';
import { inUnit, voiOf } from '../../server/retrieve/voi.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { instance, mrSeries } from '../helpers/series.ts';

const oracle: { values: number[]; cases: { attributes: Record<string, unknown>; shown: number[] }[] } =
  JSON.parse(readFileSync(join(__dirname, '..', 'oracle', 'voi.json'), 'utf8'));

const image = (attributes: Readonly<Record<string, unknown>>) =>
  instance({ dataset: { PixelRepresentation: 0, ...attributes }, pixels: new Uint16Array(1) });
const lut = (LUTDescriptor: readonly number[], entries: readonly number[]) => ({
  LUTDescriptor,
  LUTData: Uint16Array.from(entries).buffer,
});

test.each(oracle.cases)('case %#: shown as pydicom shows it (test/oracle/voi.py)', async (c) => {
  const view =
    'LUTData' in c.attributes
      ? { VOILUTSequence: [lut(c.attributes.LUTDescriptor as number[], c.attributes.LUTData as number[])] }
      : c.attributes;
  const [first] = mrSeries({
    frames: 1,
    rows: 1,
    columns: oracle.values.length,
    signed: true,
    value: (_, __, column) => oracle.values[column] as number,
    attributes: view,
  });
  const volume = await assembleVolume([first as NonNullable<typeof first>]);
  const map = windowOf(volume, 'header');
  // pydicom rounds in 16 bits.
  for (const [i, v] of c.shown.entries()) expect(map(volume.data[i] as number)).toBeCloseTo(v, 1);
});

test('of several windows the first, and how many there are', () => {
  const { window, count } = voiOf(image({ WindowCenter: [40, -600], WindowWidth: [400, 1500] }), 0) ?? {};
  expect([window, count]).toEqual([{ centre: 40, width: 400, shape: 'LINEAR' }, 2]);
});

test.each([
  ['no width', { WindowCenter: 40 }],
  ['a width of 0', { WindowCenter: 40, WindowWidth: 0 }],
  ['a LINEAR width below 1', { WindowCenter: 40, WindowWidth: 0.5 }],
  ['a function of another name', { WindowCenter: 40, WindowWidth: 2, VOILUTFunction: 'LOG' }],
  ['words for numbers', { WindowCenter: 'wide', WindowWidth: '1e999' }],
])('%s is no window', (_, attributes) => {
  expect(voiOf(image(attributes), 0)).toBeUndefined();
});

test('the Frame VOI LUT of an enhanced image: its own before the shared one (PS3.3 C.7.6.16.2.10)', () => {
  const group = (WindowCenter: number) => ({ FrameVOILUTSequence: [{ WindowCenter, WindowWidth: 10 }] });
  const enhanced = image({
    WindowCenter: 1,
    WindowWidth: 10,
    SharedFunctionalGroupsSequence: [group(2)],
    PerFrameFunctionalGroupsSequence: [{}, group(3)],
  });
  expect([0, 1].map((f) => voiOf(enhanced, f)?.window?.centre)).toEqual([2, 3]);
});

test.each([
  ['signed pixels', { PixelRepresentation: 1 }, -2],
  ['a negative intercept', { RescaleIntercept: -1024 }, -2],
  ['values from 0', { RescaleIntercept: 0 }, 65_534],
  ['after a modality table', { PixelRepresentation: 1, ModalityLUTSequence: [{}] }, 65_534],
])('the first mapped value has the sign of what comes in: %s (PS3.3 C.11.2.1.1)', (_, attributes, first) => {
  const voi = voiOf(image({ ...attributes, VOILUTSequence: [lut([2, 65_534, 16], [1, 2])] }), 0);
  expect(voi?.table?.firstMapped).toBe(first);
});

test.each([
  ['no bits', [2, 0, 0]],
  ['too many bits', [2, 0, 300]],
  ['words', ['two', 'from', 'x']],
])('a table whose descriptor says %s is told, not thrown, and never used', (_, descriptor) => {
  const voi = voiOf(image({ VOILUTSequence: [lut(descriptor as number[], [1, 2])] }), 0);
  expect([voi?.table, voi?.tableUnread]).toEqual([undefined, 'its descriptor says nothing sound']);
});

test.each([
  { centre: 400, width: 801, shape: 'LINEAR' },
  { centre: 400, width: 1, shape: 'LINEAR' },
  { centre: 400, width: 800, shape: 'LINEAR_EXACT' },
  { centre: 400, width: 800, shape: 'SIGMOID' },
] as const)('values in another unit are shown as the stored ones were: %j', (window) => {
  const [stored, scaled] = [1, 0.003].map((factor) => {
    const voi = inUnit({ window, count: 1 }, factor);
    return windowOf({ voi, inverted: false } as unknown as Volume, 'header');
  });
  for (const v of [-5, 0, 150, 399, 400, 401, 650, 900])
    expect(scaled?.(v * 0.003)).toBeCloseTo(stored?.(v) as number, 6);
});

test('a table is not used for values in another unit', () => {
  const table = { entries: [0, 1], firstMapped: 0, bits: 8 };
  expect(inUnit({ table, count: 1 }, 2)).toEqual({ count: 1, tableUnread: 'it is for the stored unit' });
  expect(inUnit({ table, count: 1 }, 1)?.table).toBe(table);
});

test('a table that promises more than it holds is told, not thrown', () => {
  const voi = voiOf(image({ VOILUTSequence: [lut([0, 0, 16], [1, 2])] }), 0);
  expect([voi?.table, voi?.tableUnread]).toEqual([
    undefined,
    'a lookup table promises 65536 entries and holds 2',
  ]);
});
