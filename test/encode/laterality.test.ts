import type { Dataset } from '../../server/contracts.ts';
import { LATERALITIES } from '../../server/dicom/code.ts';
import { codeOf, items, readPart10 } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { readResult } from '../../server/results/read.ts';
import { errorsOf, reportTree } from '../helpers/validators.ts';
import { brainCase, withSides } from './fixtures.ts';

const objects = encode(withSides(brainCase({ segments: 3 })), ['LABELMAP']);
const object = (kind: string): Uint8Array => objects.find((o) => o.kind === kind)?.bytes ?? new Uint8Array();

test.each(['SEG', 'LABELMAP'])('%s: the side is of the region, else of the type', (kind) => {
  const said = items(readPart10(object(kind)).dataset, 'SegmentSequence').map((segment: Dataset) => {
    const [region] = items(segment, 'AnatomicRegionSequence');
    const [type] = items(segment, 'SegmentedPropertyTypeCodeSequence');
    return [
      region && codeOf(region, 'AnatomicRegionModifierSequence'),
      type && codeOf(type, 'SegmentedPropertyTypeModifierCodeSequence'),
    ];
  });
  expect(said.slice(0, 3)).toEqual([
    [LATERALITIES.left, undefined],
    [undefined, LATERALITIES.right],
    [undefined, undefined],
  ]);
});

test('SR: Laterality modifies the Finding Site, else the Finding', () => {
  const tree = reportTree(object('SR')).split('\n');
  const parents = tree.flatMap((line, i) =>
    line.includes('(272741003,SCT,"Laterality")') ? [[tree[i - 1], line].join()] : [],
  );
  expect(parents).toEqual([
    expect.stringMatching(/"Finding Site".*has concept mod CODE:.*"Left"/),
    expect.stringMatching(/"Finding".*has concept mod CODE:.*"Right"/),
    // Of the segment's extent, and of its rectangle.
    expect.stringMatching(/"Finding".*has concept mod CODE:.*"Right"/),
    expect.stringMatching(/"Finding".*has concept mod CODE:.*"Right"/),
  ]);
});

test('it is read again from each', () => {
  const sides = (kind: string) => {
    const read = readResult(object(kind));
    if (read.kind === 'segmentation') return read.segments.map((s) => [s.label, s.laterality?.meaning]);
    return read.kind === 'report'
      ? read.findings.map((f) => [f.tracking.identifier, f.laterality?.meaning])
      : [];
  };
  const expected = [
    ['Structure 1', 'Left'],
    ['Structure 2', 'Right'],
    ['Structure 3', undefined],
  ];
  expect(sides('SEG')).toEqual(expected);
  expect(sides('LABELMAP')).toEqual(expected);
  expect(sides('SR').filter(([label]) => !label?.includes(':'))).toEqual(expected);
});

test.each(['SEG', 'SR'])('dciodvfy finds no error in the %s', (kind) => {
  expect(errorsOf(object(kind))).toEqual([]);
});
