import fc from 'fast-check';
import type { ModelIdentity } from '../../server/contracts.ts';
import { number, readPart10, text } from '../../server/dicom/read.ts';
import { encode, type Results, USUAL_SITE } from '../../server/encode/index.ts';
import { brainCase, chestCase } from './fixtures.ts';

const ALL = ['LABELMAP', 'KOS'] as const;
const uidsOf = (results: Results, site = USUAL_SITE): readonly string[] =>
  encode(results, ALL, site).flatMap((o) => [o.SOPInstanceUID, o.SeriesInstanceUID]);
const withParameters = (results: Results, parameters: Results['prediction']['parameters']): Results => ({
  ...results,
  prediction: { ...results.prediction, parameters },
});
const parameters = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__'),
  fc.oneof(fc.integer(), fc.string({ maxLength: 8 })),
  { maxKeys: 3 },
);

test('the same input gives the same bytes, whatever the order in which parameters were named', () => {
  fc.assert(
    fc.property(parameters, (named) => {
      const reversed = Object.fromEntries(Object.entries(named).reverse());
      const results = brainCase();
      const bytes = (of: typeof named) =>
        encode(withParameters(results, of), ALL)
          .filter((o) => o.kind !== 'SR')
          .map((o) => Buffer.from(o.bytes).toString('base64'));
      expect(bytes(reversed)).toEqual(bytes(named));
      expect(uidsOf(withParameters(results, reversed))).toEqual(uidsOf(withParameters(results, named)));
    }),
    { numRuns: 15 },
  );
});

test('a changed parameter gives new UIDs to every object and series', () => {
  fc.assert(
    fc.property(parameters, parameters, (a, b) => {
      fc.pre(JSON.stringify(Object.entries(a).sort()) !== JSON.stringify(Object.entries(b).sort()));
      const results = chestCase({ rows: 5, columns: 7 });
      const before = new Set(uidsOf(withParameters(results, a)));
      expect(uidsOf(withParameters(results, b)).filter((uid) => before.has(uid))).toEqual([]);
    }),
    { numRuns: 15 },
  );
});

test.each([
  ['series numbers', { seriesNumberBase: 7000 }],
  ['content qualification', { contentQualification: 'SERVICE' as const }],
  ['compression', { compressLabelMaps: true }],
])('a site that changes its %s gets new objects, not other bytes under old UIDs', (_, change) => {
  const before = new Set(uidsOf(brainCase()));
  expect(uidsOf(brainCase(), { ...USUAL_SITE, ...change }).some((uid) => before.has(uid))).toBe(false);
});

test('series numbers and content qualification are the site’s', () => {
  const site = { ...USUAL_SITE, seriesNumberBase: 7000, contentQualification: 'SERVICE' } as const;
  const datasets = encode(brainCase(), ALL, site).map((o) => readPart10(o.bytes).dataset);
  expect(datasets.map((d) => number(d, 'SeriesNumber'))).toEqual([7001, 7002, 7003, 7005, 7004]);
  expect(new Set(datasets.map((d) => text(d, 'ContentQualification')))).toEqual(new Set(['SERVICE']));
});

test('each object is a series of its own, and no UID of an analysis is used twice', () => {
  const uids = [...uidsOf(brainCase()), ...uidsOf(chestCase())];
  expect(new Set(uids).size).toBe(uids.length);
});

test('other weights are another device, and tracking follows the finding across them', () => {
  const results = brainCase();
  const model: ModelIdentity = {
    ...results.prediction.model,
    digest: 'cd'.repeat(32),
    DeviceUID: '2.25.4712',
  };
  const [before, after] = [results, { ...results, prediction: { ...results.prediction, model } }].map((r) => {
    const { dataset } = readPart10(encode(r)[0]?.bytes as Uint8Array);
    return JSON.stringify(dataset);
  }) as [string, string];
  const tracking = (json: string) => json.match(/"TrackingUID":"[^"]+"/g);
  expect(tracking(before)).toEqual(tracking(after));
  expect(before).toContain('2.25.4711');
  expect(after).toContain('2.25.4712');
});
